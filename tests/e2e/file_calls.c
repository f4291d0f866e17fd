// Makes one of the calls that write to a file or change its mappings, for test_watch.py, which knows
// what is written: file_calls FILE CALL. The file has 32 pages of 4096 bytes.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

enum { P = 4096, READ_WRITE = PROT_READ | PROT_WRITE };
static int fd;

static void require(int holds) {
  if (holds) return;
  perror("file_calls");
  exit(9);
}

static char* map(int pages, int first) {
  char* at = mmap(0, pages * P, READ_WRITE, MAP_SHARED, fd, (off_t)first * P);
  require(at != MAP_FAILED);
  return at;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const char* call = argv[2];
  char data[100] = "data";
  struct iovec parts[2] = {{data, 3}, {data, 4}};
  off_t at = 1000, from = 0;
  fd = open(argv[1], O_RDWR);
  require(fd >= 0);
  const int in = open(argv[0], O_RDONLY);

  if (!strcmp(call, "mremap that leaves the old place mapped")) {
    char* old = map(4, 0);
    old[0] = 1;
    char* new = mremap(old, 4 * P, 4 * P, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
    require(new != MAP_FAILED);
    old[P] = new[2 * P] = 1;
  } else if (!strcmp(call, "mremap of a copy")) {
    char* old = map(4, 0);
    char* new = mremap(old, 0, 4 * P, MREMAP_MAYMOVE);
    require(new != MAP_FAILED);
    old[P] = new[2 * P] = 1;
  } else if (!strcmp(call, "mremap that fails")) {
    char *one = map(4, 0), *other = map(1, 5);
    require(mremap(one, 4 * P, 4 * P, MREMAP_FIXED, other) == MAP_FAILED);
    one[P] = other[0] = 1;
  } else if (!strcmp(call, "mmap over a mapping")) {
    char* one = map(4, 0);
    one[0] = 1;
    require(mmap(one, 2 * P, READ_WRITE, MAP_SHARED | MAP_FIXED, fd, 8 * P) == one);
    one[0] = one[2 * P] = 1;
  } else if (!strcmp(call, "mmap over a mapping that fails")) {
    char* one = map(4, 0);
    require(mmap(one, 4 * P, PROT_READ, MAP_SHARED | MAP_FIXED, -1, 0) == MAP_FAILED);
    one[P] = 1;
  } else if (!strcmp(call, "munmap that fails")) {
    char* one = map(4, 0);
    require(munmap(one + 1, 4 * P) != 0);
    one[P] = 1;
  } else if (!strcmp(call, "pkey_mprotect")) {
    char* one = mmap(0, 4 * P, PROT_READ, MAP_SHARED, fd, 0);
    require(pkey_mprotect(one, 4 * P, READ_WRITE, -1) == 0);
    one[P] = 1;
  } else if (!strcmp(call, "MADV_REMOVE")) {
    char* one = map(4, 2);
    one[3 * P] = 1;
    require(madvise(one + P, 2 * P, MADV_REMOVE) == 0);
  } else if (!strcmp(call, "truncation and growth under a mapping")) {
    char* one = map(4, 0);
    one[P] = 1;
    require(ftruncate(fd, 0) == 0 && ftruncate(fd, 4 * P) == 0);
    require(one[0] + one[P] + one[2 * P] == 0);
    one[3 * P] = 1;
  } else if (!strcmp(call, "posix_fallocate")) {
    require(posix_fallocate(fd, 0, 40 * P) == 0);
  } else if (!strcmp(call, "a hole")) {
    require(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, P, P) == 0);
  } else if (!strcmp(call, "a hole by a descriptor that appends")) {
    const int appending = open(argv[1], O_RDWR | O_APPEND);
    require(fallocate(appending, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, P, P) == 0);
  } else if (!strcmp(call, "zeros")) {
    require(fallocate(fd, FALLOC_FL_ZERO_RANGE, 100, 1000) == 0);
  } else if (!strcmp(call, "a range that is removed")) {
    require(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, P, P) == 0);
  } else if (!strcmp(call, "a range that is inserted")) {
    require(fallocate(fd, FALLOC_FL_INSERT_RANGE, P, P) == 0);
  } else if (!strcmp(call, "copy_file_range")) {
    require(copy_file_range(in, &from, fd, &at, 50, 0) == 50);
    require(lseek(fd, 5000, SEEK_SET) == 5000 && copy_file_range(in, &from, fd, 0, 50, 0) == 50);
  } else if (!strcmp(call, "sendfile")) {
    require(lseek(fd, 1000, SEEK_SET) == 1000 && sendfile(fd, in, &from, 50) == 50);
  } else if (!strcmp(call, "splice")) {
    int ends[2];
    require(pipe(ends) == 0 && write(ends[1], data, 10) == 10);
    require(splice(ends[0], 0, fd, &at, 5, 0) == 5);
    require(lseek(fd, 2000, SEEK_SET) == 2000 && splice(ends[0], 0, fd, 0, 5, 0) == 5);
  } else if (!strcmp(call, "pwritev2")) {
    require(pwritev2(fd, parts, 2, 1000, 0) == 7);
    require(lseek(fd, 2000, SEEK_SET) == 2000 && pwritev2(fd, parts, 2, -1, 0) == 7);
    require(pwritev2(fd, parts, 1, 0, RWF_APPEND) == 3);
  } else if (!strcmp(call, "preadv")) {
    require(preadv(fd, parts, 2, 1000) == 7);
  } else if (!strcmp(call, "O_APPEND")) {
    require(fcntl(fd, F_SETFL, O_APPEND) == 0 && pwrite(fd, data, 3, 0) == 3 && write(fd, data, 3) == 3);
  } else if (!strcmp(call, "a file that gets its name later")) {
    char other[4096];
    snprintf(other, sizeof other, "%s.tmp", argv[1]);
    const int new = open(other, O_RDWR | O_CREAT, 0644);
    require(write(new, data, 10) == 10 && rename(other, argv[1]) == 0);
    require(pwrite(new, data, 3, 500) == 3);
  } else {
    return 2;
  }
  return 0;
}
