// What this machine can do at most: copying memory, reading a file that is in the page cache, and
// touching fresh memory. `limits FILE` prints a table; each figure is the best of five.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace {

constexpr int kRepetitions = 5;
constexpr std::size_t kLargeBytes = std::size_t{256} << 20;
constexpr std::size_t kCachedBytes = std::size_t{256} << 10;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;

// Each of `threads` threads does work(thread); gives the bytes per second of the best repetition.
double best_rate(int threads, double bytes, const std::function<void(int)>& work) {
  double best = 0;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    const auto start = std::chrono::steady_clock::now();
    {
      std::vector<std::jthread> running;
      for (int thread = 1; thread < threads; ++thread) running.emplace_back(work, thread);
      work(0);
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    best = std::max(best, bytes / taken.count());
  }
  return best;
}

void print_row(const char* what, const std::function<double(int)>& rate) {
  std::printf("| %s | %.1f | %.1f |\n", what, rate(1) / 1e9, rate(2) / 1e9);
}

// Keeps the compiler from leaving out what writes to `memory`.
void use(const void* memory) { asm volatile("" : : "g"(memory) : "memory"); }

double copy_rate(int threads, std::size_t block_bytes) {
  const std::size_t part = kLargeBytes / static_cast<std::size_t>(threads);
  const std::size_t block = std::min(block_bytes, part);
  std::vector<std::unique_ptr<char[]>> memory;
  for (int thread = 0; thread < threads; ++thread) {
    memory.push_back(std::make_unique<char[]>(2 * block));
    std::memset(memory.back().get(), 1, 2 * block);
  }
  const std::size_t times = part / block;
  return best_rate(threads, static_cast<double>(times * block) * threads, [&](int thread) {
    char* const from = memory[static_cast<std::size_t>(thread)].get();
    for (std::size_t i = 0; i < times; ++i) {
      std::memcpy(from + block, from, block);
      use(from);
    }
  });
}

double touch_rate(int threads) {
  const std::size_t part = kLargeBytes / static_cast<std::size_t>(threads);
  return best_rate(threads, static_cast<double>(kLargeBytes), [&](int) {
    void* const memory =
        mmap(nullptr, part, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    madvise(memory, part, MADV_NOHUGEPAGE);
    std::memset(memory, 1, part);
    use(memory);
    munmap(memory, part);
  });
}

// Threads take blocks of the file in turn; `see` gets each.
double read_rate(int file, std::int64_t file_bytes, int threads,
                 const std::function<void(const char*, std::size_t)>& see) {
  std::atomic<std::int64_t> next = 0;
  std::atomic<int> at_end = 0;
  return best_rate(threads, static_cast<double>(file_bytes), [&](int) {
    const auto block = std::make_unique<char[]>(kReadBytes);
    for (;;) {
      const std::int64_t at = next.fetch_add(static_cast<std::int64_t>(kReadBytes));
      const ssize_t size = at < file_bytes ? pread(file, block.get(), kReadBytes, at) : 0;
      if (size <= 0) break;
      see(block.get(), static_cast<std::size_t>(size));
    }
    if (++at_end == threads) at_end = 0, next = 0;  // ready for the next repetition
  });
}

}  // namespace

int main(int argc, char** argv) {
  const int file = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
  struct stat status{};
  if (file < 0 || fstat(file, &status) != 0) {
    return std::fprintf(stderr, "usage: limits FILE\n"), 2;
  }

  std::printf("| what | GB/s, 1 thread | GB/s, 2 threads |\n| --- | --- | --- |\n");
  print_row("memcpy, 256 MiB (bytes copied)", [](int n) { return copy_rate(n, kLargeBytes / 2); });
  print_row("memcpy, 256 KiB, in the cache", [](int n) { return copy_rate(n, kCachedBytes); });
  print_row("first touch of fresh memory, 4 KiB pages", touch_rate);
  print_row("pread() of the page cache, 256 KiB blocks", [&](int n) {
    return read_rate(file, status.st_size, n, [](const char* block, std::size_t) { use(block); });
  });
  print_row("the same, and memchr() from line end to line end", [&](int n) {
    return read_rate(file, status.st_size, n, [](const char* block, std::size_t size) {
      const char* const end = block + size;
      while (block != nullptr) {
        block = static_cast<const char*>(
            std::memchr(block, '\n', static_cast<std::size_t>(end - block)));
        if (block != nullptr) ++block;
      }
      use(block);
    });
  });
  close(file);
}
