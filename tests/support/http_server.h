#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace polarway::testing {

/// A server on loopback that answers every GET with 200 and what `answer` says to its target. Real
/// servers are in tests/services; this one is for what runs thousands of times within a process.
class HttpServer {
 public:
  explicit HttpServer(std::function<std::string(const std::string& target)> answer)
      : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 64);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~HttpServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int connection : connections_) ::shutdown(connection, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  const std::string& url() const { return url_; }

 private:
  void accept_all() {
    for (;;) {
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      const std::lock_guard lock(mutex_);
      connections_.push_back(connection);
      threads_.emplace_back([this, connection] { serve(connection); });
    }
  }
  void serve(int connection) {
    std::string got;
    std::vector<char> buffer(16 << 10);
    for (;;) {
      const std::size_t end = got.find("\r\n\r\n");
      if (end == std::string::npos) {
        const ssize_t count = ::recv(connection, buffer.data(), buffer.size(), 0);
        if (count <= 0) break;
        got.append(buffer.data(), static_cast<std::size_t>(count));
        continue;
      }
      const std::size_t begin = got.find(' ') + 1;
      const std::string body = answer_(got.substr(begin, got.find(' ', begin) - begin));
      got.erase(0, end + 4);
      const std::string all =
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body;
      std::size_t sent = 0;
      while (sent < all.size()) {
        const ssize_t count =
            ::send(connection, all.data() + sent, all.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<std::size_t>(count);
      }
      if (sent < all.size()) break;
    }
    const std::lock_guard lock(mutex_);
    connections_.remove(connection);
    ::close(connection);
  }

  std::function<std::string(const std::string&)> answer_;
  int listener_;
  std::string url_;
  std::mutex mutex_;
  std::list<int> connections_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace polarway::testing
