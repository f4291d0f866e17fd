/* The same job in plain C: the header is skipped, every record is a pwrite of its own.
 *
 * Run by: cc -o job docs/examples/pwrite.c && npyrace run --exec ./job
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static long long number(const char *name) {
  const char *text = getenv(name);
  if (text == NULL) {
    fprintf(stderr, "%s is not set: start this by npyrace run --exec\n", name);
    exit(1);
  }
  return atoll(text);
}

/* Where the data begin: after the magic string, the version, and the header's own length. */
static off_t data_offset(int file) {
  unsigned char start[12];
  if (pread(file, start, sizeof start, 0) != sizeof start) fail("header");
  if (start[6] == 1) return 10 + start[8] + 256 * start[9];
  return 12 + start[8] + 256 * start[9] + 65536 * (off_t)start[10] + 16777216 * (off_t)start[11];
}

int main(void) {
  const long long first = number("NPYRACE_SLICE_START"), stop = number("NPYRACE_SLICE_STOP"),
                  step = number("NPYRACE_SLICE_STEP"), records = number("NPYRACE_LENGTH");
  const int right = open(getenv("NPYRACE_EXPECT"), O_RDONLY);
  if (right < 0) fail("NPYRACE_EXPECT");
  char go;
  const int gate = open(getenv("NPYRACE_GO"), O_RDONLY); /* waits until every job is here */
  if (gate < 0 || read(gate, &go, 1) < 0) fail("NPYRACE_GO");
  const int file = open(getenv("NPYRACE_FILE"), O_RDWR);
  if (file < 0) fail("NPYRACE_FILE");

  const off_t data = data_offset(file);
  const off_t end = lseek(right, 0, SEEK_END);
  const size_t record_bytes = (size_t)((end - data) / records);
  char *record = malloc(record_bytes);
  for (long long i = first; i < stop; i += step) {
    const off_t at = data + i * (off_t)record_bytes;
    if (pread(right, record, record_bytes, at) != (ssize_t)record_bytes) fail("NPYRACE_EXPECT");
    if (pwrite(file, record, record_bytes, at) != (ssize_t)record_bytes) fail("NPYRACE_FILE");
  }
  if (fsync(file) != 0 || close(file) != 0) fail("NPYRACE_FILE");
  return 0;
}
