#include "transports/http_url.h"

#include <algorithm>
#include <array>
#include <memory>

#include "core/quoted_text.h"
#include "transports/http_curl.h"

namespace polarway {
namespace {

using Handle = std::unique_ptr<CURLU, decltype(Curl::url_cleanup)>;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return out;
}

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl().url_get(url, which, &text, flags) != CURLUE_OK) return "";
  std::string out(text);
  curl().free(text);
  return out;
}

SourceError no_url(std::string_view text, std::string why) {
  return {.kind = ErrorKind::Config,
          .message = shorten(HttpUrl::shown_url(text), 200) +
                     " is no URL that can be read: " + std::move(why)};
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// Names of parameters whose values nobody should see.
bool is_secret_name(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kWords = {
      "key", "token", "secret", "password", "passwd", "signature", "auth", "credential", "sig"};
  const std::string said = lower(name);
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
    return word == "sig" ? said == word : said.find(word) != std::string::npos;
  });
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

Result<HttpUrl> HttpUrl::parse(std::string_view given) {
  if (find_curl() == nullptr) return fail(no_curl());
  const std::string_view text = given.substr(0, given.find('#'));
  if (has_control(text)) return fail(no_url(text, "it has control characters"));
  const Handle handle(curl().url(), curl().url_cleanup);
  std::string escaped;
  for (const char c : text) {
    if (c == ' ') {
      escaped += "%20";
    } else {
      escaped += c;
    }
  }
  if (!handle) return fail({.kind = ErrorKind::MemoryLimit, .message = "no memory for a URL"});
  if (const CURLUcode code = curl().url_set(handle.get(), CURLUPART_URL, escaped.c_str(), 0);
      code != CURLUE_OK) {
    return fail(no_url(text, curl().url_strerror(code)));
  }
  HttpUrl url;
  url.scheme_ = lower(part(handle.get(), CURLUPART_SCHEME));
  if (url.scheme_ != "http" && url.scheme_ != "https") {
    return fail(no_url(text, "its scheme is neither http nor https"));
  }
  if (!part(handle.get(), CURLUPART_USER).empty() ||
      !part(handle.get(), CURLUPART_PASSWORD).empty()) {
    SourceError error = no_url(text, "there is a user name in it");
    error.hint = "give credentials apart from the URL";
    return fail(std::move(error));
  }
  url.host_ = lower(part(handle.get(), CURLUPART_HOST));
  if (url.host_.starts_with('[')) url.host_ = url.host_.substr(1, url.host_.size() - 2);
  url.port_ = part(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  url.path_ = part(handle.get(), CURLUPART_PATH);
  url.text_ = std::move(escaped);
  return url;
}

Result<HttpUrl> HttpUrl::resolve(std::string_view given) const {
  const std::string reference(given.substr(0, given.find('#')));
  if (given.empty()) return fail(no_url(given, "it is empty"));
  if (has_control(reference)) return fail(no_url(reference, "it has control characters"));
  const std::string start = lower(reference.substr(0, 8));
  if (start.starts_with("http://") || start.starts_with("https://")) return parse(reference);
  const Handle handle(curl().url(), curl().url_cleanup);
  if (!handle || curl().url_set(handle.get(), CURLUPART_URL, text_.c_str(), 0) != CURLUE_OK) {
    return fail({.kind = ErrorKind::MemoryLimit, .message = "no memory for a URL"});
  }
  if (const CURLUcode code = curl().url_set(handle.get(), CURLUPART_URL, reference.c_str(), 0);
      code != CURLUE_OK) {
    return fail(no_url(reference, curl().url_strerror(code)));
  }
  return parse(part(handle.get(), CURLUPART_URL));
}

std::string HttpUrl::origin() const {
  const bool is_v6 = host_.find(':') != std::string::npos;
  return scheme_ + "://" + (is_v6 ? "[" + host_ + "]" : host_) + ":" + port_;
}

HttpUrl HttpUrl::with_parameter(std::string_view name, std::string_view value) const {
  const std::string pair = percent_encoded(name) + "=" + percent_encoded(value);
  HttpUrl made = *this;
  const std::size_t query = text_.find('?');
  if (query == std::string::npos) {
    made.text_ += "?" + pair;
    return made;
  }
  std::string kept;
  bool has_put = false;
  std::string_view rest = std::string_view(text_).substr(query + 1);
  for (bool more = true; more;) {
    const std::size_t end = rest.find('&');
    const std::string_view one = rest.substr(0, end);
    more = end != std::string_view::npos;
    rest = more ? rest.substr(end + 1) : std::string_view();
    const std::string_view its_name = one.substr(0, one.find('='));
    const bool is_it = its_name == name || its_name == percent_encoded(name);
    if (one.empty() || (is_it && has_put)) continue;
    if (!kept.empty()) kept += '&';
    kept += is_it ? pair : std::string(one);
    has_put = has_put || is_it;
  }
  if (!has_put) kept += (kept.empty() ? "" : "&") + pair;
  made.text_ = text_.substr(0, query + 1) + kept;
  return made;
}

std::string HttpUrl::shown_url(std::string_view url) {
  std::string out;
  const std::size_t authority = url.find("://");
  std::size_t begin = 0;
  if (authority != std::string_view::npos) {
    // A user name, and what may be a password.
    const std::size_t end = std::min(url.find_first_of("/?#", authority + 3), url.size());
    const std::size_t at = url.substr(0, end).rfind('@');
    out = std::string(url.substr(0, authority + 3));
    begin = at != std::string_view::npos && at > authority ? at + 1 : authority + 3;
  }
  const std::size_t query = url.find('?', begin);
  out += url.substr(begin, query == std::string_view::npos ? query : query - begin);
  if (query == std::string_view::npos) return out;
  char before = '?';
  std::string_view rest = url.substr(query + 1);
  for (bool more = true; more; before = '&') {
    const std::size_t end = rest.find('&');
    const std::string_view one = rest.substr(0, end);
    more = end != std::string_view::npos;
    rest = more ? rest.substr(end + 1) : std::string_view();
    const std::size_t equals = one.find('=');
    out += before;
    if (equals != std::string_view::npos && is_secret_name(one.substr(0, equals))) {
      out += std::string(one.substr(0, equals)) + "=...";
    } else {
      out += one;
    }
  }
  return out;
}

}  // namespace polarway
