/* The lower bound of verifying a file: reads it on all processors and adds up its numbers.
 * Usage: read_loop FILE pread|mmap  */
#define _GNU_SOURCE
#include <fcntl.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kPieceBytes = 1 << 20 };

static uint64_t sum_of(const uint64_t* numbers, size_t bytes) {
  uint64_t sum = 0;
  for (size_t i = 0; i < bytes / sizeof *numbers; ++i) sum += numbers[i];
  return sum;
}

int main(int argc, char** argv) {
  const int file = argc == 3 ? open(argv[1], O_RDONLY) : -1;
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) return 1;
  const off_t size = status.st_size;
  const char* mapped = NULL;
  if (strcmp(argv[2], "mmap") == 0) {
    mapped = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) return 1;
  }
  uint64_t sum = 0;
#pragma omp parallel reduction(+ : sum)
  {
    uint64_t* buffer = aligned_alloc(4096, kPieceBytes);
#pragma omp for schedule(static, 1)
    for (off_t at = 0; at < size; at += kPieceBytes) {
      const size_t bytes = (size_t)(size - at < kPieceBytes ? size - at : kPieceBytes);
      if (mapped != NULL)
        sum += sum_of((const uint64_t*)(mapped + at), bytes);
      else
        sum += sum_of(buffer, (size_t)pread(file, buffer, bytes, at));
    }
    free(buffer);
  }
  printf("%llu\n", (unsigned long long)sum);
  return 0;
}
