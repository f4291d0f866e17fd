/* Rows of 8000 bytes copied into a shared mapping by a call of memcpy, as npyrace and NumPy do, and
 * by a copy inline, as a compiler makes of a constant size; with page faults and without them.
 * Usage: copy_faults FILE  (made and removed; normally in /dev/shm). Prints medians of processor
 * time in microseconds. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { kRowBytes = 8000, kRows = 1000, kTurns = 101 };

static void* (*volatile called)(void*, const void*, size_t) = memcpy;

static void by_call(char* to, const char* from, size_t step_bytes) {
  for (size_t i = 0; i < kRows; ++i) called(to + i * step_bytes, from + i * kRowBytes, kRowBytes);
}

static void inlined(char* to, const char* from, size_t step_bytes) {
  for (size_t i = 0; i < kRows; ++i)
    for (size_t k = 0; k < kRowBytes; k += 16)
      __builtin_memcpy(to + i * step_bytes + k, from + i * kRowBytes + k, 16);
}

static double processor_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int by_size(const void* a, const void* b) {
  return (*(const double*)a > *(const double*)b) - (*(const double*)a < *(const double*)b);
}

static int measure(const char* path, size_t step_bytes, int faults) {
  static double times[2][kTurns];
  void (*const copies[])(char*, const char*, size_t) = {by_call, inlined};
  const size_t size = kRows * step_bytes;
  const int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  char* source = malloc(size);
  if (file < 0 || source == NULL) return 1;
  memset(source, 1, size);
  if (write(file, source, size) != (ssize_t)size) return 1;
  const int flags = MAP_SHARED | (faults ? 0 : MAP_POPULATE);
  for (int turn = 0; turn < 2 * kTurns; ++turn) {
    char* to = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, file, 0);
    if (to == MAP_FAILED) return 1;
    const double begin = processor_us();
    copies[turn % 2](to, source, step_bytes);
    times[turn % 2][turn / 2] = processor_us() - begin;
    munmap(to, size);
  }
  for (int i = 0; i < 2; ++i) qsort(times[i], kTurns, sizeof(double), by_size);
  const double call = times[0][kTurns / 2], own = times[1][kTurns / 2];
  printf("%s, a row every %zu bytes: called %.0f, inline %.0f, ratio %.2f\n",
         faults ? "page faults" : "no faults", step_bytes, call, own, call / own);
  free(source);
  return close(file) | unlink(path);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  for (int faults = 1; faults >= 0; --faults)
    for (size_t step_bytes = kRowBytes; step_bytes <= 4 * kRowBytes; step_bytes += 3 * kRowBytes)
      if (measure(argv[1], step_bytes, faults) != 0) return 1;
  return 0;
}
