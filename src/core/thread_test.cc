#include "core/thread.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstring>
#include <string>

namespace polarway {
namespace {

TEST(StartThread, RunsTheBodyUnderItsNameWithItsStackAndWithoutOthersSignals) {
  std::string name;
  std::size_t stack_bytes = 0;
  bool takes_interrupts = true;
  const std::optional<pthread_t> thread = start_thread("a-name", 512 << 10, [&] {
    char text[16];
    pthread_getname_np(pthread_self(), text, sizeof text);
    name = text;
    pthread_attr_t attributes;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstacksize(&attributes, &stack_bytes);
    pthread_attr_destroy(&attributes);
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    takes_interrupts = sigismember(&blocked, SIGINT) == 0;
  });
  ASSERT_TRUE(thread);
  pthread_join(*thread, nullptr);
  EXPECT_EQ(name, "a-name");
  EXPECT_GE(stack_bytes, 512U << 10);
  EXPECT_LT(stack_bytes, 4U << 20) << "sanitizers add some, but this is the system's default";
  EXPECT_FALSE(takes_interrupts);
}

TEST(StartThread, SaysSoWhenThereIsNone) {
  EXPECT_FALSE(start_thread("huge", std::size_t{1} << 60, [] {}));
}

}  // namespace
}  // namespace polarway
