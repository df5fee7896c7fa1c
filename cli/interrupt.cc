#include "interrupt.h"

#include <unistd.h>

#include <cerrno>

#include "exit_code.h"

namespace polarway::cli {

namespace {

constexpr std::size_t kStackBytes = 128 * 1024;
constexpr int kWakeUp = SIGUSR2;  // what the destructor sends to the thread
constexpr timespec kGrace = {.tv_sec = 0, .tv_nsec = 150'000'000};

bool is_ignored(int signal) {
  struct sigaction now{};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

Interrupt::Interrupt() {
  sigemptyset(&signals_);
  for (int signal : {SIGINT, SIGTERM, kWakeUp}) {
    std::signal(signal, SIG_DFL);  // scripts start their background jobs with SIGINT ignored
    sigaddset(&signals_, signal);
  }
  if (!is_ignored(SIGHUP)) sigaddset(&signals_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  has_thread_ = pthread_create(&thread_, &attributes, wait_for_signals, this) == 0;
  pthread_attr_destroy(&attributes);
  // Without the thread the signals must keep their default effect, or nothing could end the
  // program.
  if (!has_thread_) pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
}

Interrupt::~Interrupt() {
  if (!has_thread_) return;
  ending_ = true;
  pthread_kill(thread_, kWakeUp);
  pthread_join(thread_, nullptr);
}

void* Interrupt::wait_for_signals(void* self) {
  static_cast<Interrupt*>(self)->wait();
  return nullptr;
}

void Interrupt::wait() {
  int first = -1;
  while (first <= 0 || first == kWakeUp) {
    first = sigwaitinfo(&signals_, nullptr);
    if (ending_) return;
  }
  signal_ = first;
  stop_.request_stop();

  for (;;) {
    const int second = sigtimedwait(&signals_, nullptr, &kGrace);
    if (ending_) return;
    if (second > 0 && second != kWakeUp) _exit(exit_code_for_signal(second));
    if (second < 0 && errno == EAGAIN && !must_tidy_up_) _exit(exit_code_for_signal(first));
  }
}

}  // namespace polarway::cli
