/* Measures the time to write one file from beginning to end in large pwrites, including close, without
 * fsync. Plain C without npyrace's code.
 *
 *   write_speed FILE MEBIBYTES CALL_MEBIBYTES
 *
 * The file is new; the caller removes it. Prints MiB per second.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void die(const char *what, const char *path) {
  fprintf(stderr, "write_speed: %s: %s: %s\n", path, what, strerror(errno));
  exit(3);
}

static double now_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void write_file(const char *path, int file, long long total, size_t call) {
  char *bytes = malloc(call);
  if (bytes == NULL) die("malloc", path);
  memset(bytes, 0x5a, call);
  for (long long done = 0; done < total; done += (long long)call)
    if (pwrite(file, bytes, call, done) != (ssize_t)call) die("pwrite", path);
  free(bytes);
}

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "write_speed FILE MEBIBYTES CALL_MEBIBYTES\n"), 2;
  const long long total = atoll(argv[2]) << 20;
  const size_t call = (size_t)atoll(argv[3]) << 20;
  int file = open(argv[1], O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (file < 0) die("open", argv[1]);
  const double start = now_seconds();
  write_file(argv[1], file, total, call);
  if (close(file)) die("close", argv[1]);
  const double seconds = now_seconds() - start;
  printf("%.1f\n", (double)total / (1 << 20) / seconds);
  return 0;
}
