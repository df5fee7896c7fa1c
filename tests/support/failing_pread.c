// Preloaded into the program: what a disk, a network file system or a signal can do to its reads.
//   PREAD_FAILS=interrupted: every other call is EINTR.    short: at most 7 bytes a call.
//   PREAD_FAILS=broken:N: EIO from byte N of the file on.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef ssize_t (*Pread)(int, void*, size_t, off64_t);

static ssize_t fail_or_read(const char* name, int fd, void* into, size_t bytes, off64_t offset) {
  static __thread unsigned calls;
  const char* how = getenv("PREAD_FAILS");
  const Pread real = (Pread)dlsym(RTLD_NEXT, name);
  if (strcmp(how, "interrupted") == 0 && calls++ % 2 == 0) {
    errno = EINTR;
    return -1;
  }
  if (strcmp(how, "short") == 0 && bytes > 7) bytes = 7;
  if (strncmp(how, "broken:", 7) == 0) {
    const off64_t good = atoll(how + 7);
    if (offset >= good) {
      errno = EIO;
      return -1;
    }
    if (offset + (off64_t)bytes > good) bytes = (size_t)(good - offset);
  }
  return real(fd, into, bytes, offset);
}

ssize_t pread(int fd, void* into, size_t bytes, off_t offset) {
  return fail_or_read("pread", fd, into, bytes, offset);
}

ssize_t pread64(int fd, void* into, size_t bytes, off64_t offset) {
  return fail_or_read("pread64", fd, into, bytes, offset);
}
