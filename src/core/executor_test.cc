#include "polarway/executor.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>

namespace polarway {
namespace {

using namespace std::chrono_literals;

TEST(Executor, EveryTaskRunsOnceOnAnotherThread) {
  std::atomic<int> runs = 0;
  std::latch done(1000);
  std::atomic<bool> on_caller = false;
  Executor executor(4);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(executor.submit([&, caller = std::this_thread::get_id()] {
      if (std::this_thread::get_id() == caller) on_caller = true;
      ++runs;
      done.count_down();
    }));
  }
  done.wait();
  EXPECT_EQ(runs, 1000);
  EXPECT_FALSE(on_caller);
}

TEST(Executor, AsManyTasksAsThreadsRunAtTheSameTime) {
  std::latch together(3), done(3);
  Executor executor(3);
  EXPECT_EQ(executor.num_threads(), 3);
  for (int i = 0; i < 3; ++i) {
    executor.submit([&] {
      together.arrive_and_wait();  // would hang if two of them shared a thread
      done.count_down();
    });
  }
  done.wait();
}

TEST(Executor, OneThreadRunsTasksInTheirOrder) {
  std::vector<int> order;
  std::promise<void> done;
  Executor executor(1);
  for (int i = 0; i < 100; ++i) executor.submit([&, i] { order.push_back(i); });
  executor.submit([&] { done.set_value(); });
  done.get_future().wait();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Executor, FewerThanOneThreadIsOne) { EXPECT_EQ(Executor(0).num_threads(), 1); }

TEST(Executor, IdleThreadsAreUsedBeforeNewOnesAreStarted) {
  Executor executor(8);
  std::set<std::thread::id> threads;
  for (int i = 0; i < 10; ++i) {
    std::promise<std::thread::id> done;
    executor.submit([&] { done.set_value(std::this_thread::get_id()); });
    threads.insert(done.get_future().get());
    std::this_thread::sleep_for(10ms);  // until it is idle again
  }
  EXPECT_LT(threads.size(), 8u);
}

TEST(Executor, ItsEndDropsWhatHasNotBegunAndWaitsForWhatHas) {
  auto held = std::make_shared<int>(0);
  std::atomic<bool> finished = false;
  std::atomic<int> late_runs = 0;
  {
    std::promise<void> begun;
    Executor executor(1);
    executor.submit([&] {
      begun.set_value();
      std::this_thread::sleep_for(50ms);
      finished = true;
    });
    begun.get_future().wait();
    for (int i = 0; i < 10; ++i) executor.submit([&late_runs, held] { ++late_runs; });
  }
  EXPECT_TRUE(finished);
  EXPECT_EQ(late_runs, 0);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Executor, ATaskMayDropTheLastReferenceToItsExecutor) {
  std::promise<void> dropped;
  auto executor = std::make_shared<Executor>(2);
  Executor& plain = *executor;
  std::promise<void> go;
  plain.submit([&dropped, wait = go.get_future().share(), last = executor]() mutable {
    wait.wait();
    last.reset();
    dropped.set_value();
  });
  executor.reset();
  go.set_value();
  EXPECT_EQ(dropped.get_future().wait_for(10s), std::future_status::ready);
}

TEST(Executor, ADroppedTaskMaySubmitAndIsRefused) {
  std::atomic<int> refused = 0;
  {
    std::promise<void> begun;
    Executor executor(1);
    executor.submit([&] {
      begun.set_value();
      std::this_thread::sleep_for(20ms);
    });
    begun.get_future().wait();
    const std::shared_ptr<int> last_words(new int, [&](const int* number) {
      delete number;
      if (!executor.submit([] {})) ++refused;
    });
    executor.submit([last_words] {});
  }
  EXPECT_EQ(refused, 1);
}

TEST(Executor, ThreadsHaveTheSmallStackTheyWerePromised) {
  std::promise<std::size_t> stack;
  Executor executor(1);
  executor.submit([&] {
    pthread_attr_t attributes;
    pthread_getattr_np(pthread_self(), &attributes);
    std::size_t bytes = 0;
    pthread_attr_getstacksize(&attributes, &bytes);
    pthread_attr_destroy(&attributes);
    stack.set_value(bytes);
  });
  EXPECT_LT(stack.get_future().get(),
            1u << 20);  // sanitizers add some to the 512 KiB; usual are 8 MiB
}

TEST(Executor, SignalsAreLeftToTheProgramsOwnThreads) {
  std::promise<bool> blocked;
  Executor executor(1);
  executor.submit([&] {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked.set_value(sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGSEGV) == 0);
  });
  EXPECT_TRUE(blocked.get_future().get());
}

// Runs `body` in a child process and answers its exit status.
template <class Body>
int in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Executor, WithoutAnyThreadSubmitSaysSoAndDropsTheTask) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer ends a process that starts threads after a fork";
#endif
  EXPECT_EQ(in_child([] {
              // The limit does not bind root.
              if (geteuid() == 0 && setuid(12345) != 0) return 2;
              const rlimit none{0, 0};
              setrlimit(RLIMIT_NPROC, &none);
              Executor executor(2);
              auto held = std::make_shared<int>(0);
              const bool taken = executor.submit([held] {});
              return !taken && held.use_count() == 1 ? 0 : 1;
            }),
            0);
}

TEST(Executor, AForkedChildIsRefusedInsteadOfWaitingForThreadsItDoesNotHave) {
  std::promise<void> ran;
  Executor executor(1);
  executor.submit([&] { ran.set_value(); });
  ran.get_future().wait();
  EXPECT_EQ(in_child([&] {
              alarm(10);
              const bool taken = executor.submit([] {});
              executor.~Executor();
              return taken ? 1 : 0;
            }),
            0);
}

TEST(Executor, TheProcessHasOneOfItsOwn) {
  EXPECT_EQ(Executor::global(), Executor::global());
  EXPECT_GE(Executor::global()->num_threads(), 1);
}

}  // namespace
}  // namespace polarway
