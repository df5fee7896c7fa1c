#include "proxy.h"

#include <nanobind/nanobind.h>

#include <chrono>

namespace nb = nanobind;

namespace polarway::python {

Proxy::~Proxy() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Proxy::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return work_ != nullptr || ended_; });
    if (work_ == nullptr) return;
    lock.unlock();
    (*work_)();
    lock.lock();
    work_ = nullptr;
    changed_.notify_all();
  }
}

void Proxy::run(const std::function<void()>& work, const std::function<bool()>& look,
                const std::function<void()>& give_up) {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { serve(); });
  work_ = &work;
  changed_.notify_all();
  bool given_up = false;
  while (
      !changed_.wait_for(lock, std::chrono::milliseconds(50), [&] { return work_ == nullptr; })) {
    if (given_up) continue;
    lock.unlock();
    given_up = look();
    if (given_up) give_up();
    lock.lock();
  }
}

bool is_main_thread() {
  const nb::module_ threading = nb::module_::import_("threading");
  return threading.attr("current_thread")().is(threading.attr("main_thread")());
}

bool signal_raised() {
  const nb::gil_scoped_acquire gil;
  return PyErr_CheckSignals() != 0;
}

}  // namespace polarway::python
