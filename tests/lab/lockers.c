/* Many writers that lock, half of them on each node, to see whether all finish. Plain C without
 * npyrace's code.
 *
 *   lockers NODE1 NODE2 STORE NAME WRITERS ROUNDS record|whole|flock
 *
 * Each writer is a process. It writes its records (16 bytes, every WRITERS-th of the file) one by
 * one: it locks the record (or the whole file, by fcntl or flock), calls pwrite and unlocks. Prints
 * how many records the store has after all have closed the file: "kept 512 of 512".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RECORD_BYTES = 16 };

static _Noreturn void die(const char *what) {
  fprintf(stderr, "lockers: %s: %s\n", what, strerror(errno));
  exit(3);
}

static void lock(int file, const char *how, off_t offset, short type) {
  if (!strcmp(how, "flock")) {
    if (flock(file, type == F_UNLCK ? LOCK_UN : LOCK_EX)) die("flock");
    return;
  }
  struct flock range = {.l_type = type, .l_whence = SEEK_SET};
  if (!strcmp(how, "record")) {
    range.l_start = offset;
    range.l_len = RECORD_BYTES;
  }
  if (fcntl(file, F_SETLKW, &range)) die("lock");
}

static void write_records(const char *path, int writer, int writers, int rounds, const char *how) {
  int file = open(path, O_RDWR);
  if (file < 0) die("open");
  for (int round = 0; round < rounds; ++round) {
    const off_t offset = (off_t)(round * writers + writer) * RECORD_BYTES;
    char record[RECORD_BYTES];
    memset(record, 1 + (writer + round) % 250, sizeof record);
    lock(file, how, offset, F_WRLCK);
    if (pwrite(file, record, sizeof record, offset) != sizeof record) die("pwrite");
    lock(file, how, offset, F_UNLCK);
  }
  if (close(file)) die("close");
}

int main(int count, char **words) {
  if (count != 8) {
    fprintf(stderr, "usage: lockers NODE1 NODE2 STORE NAME WRITERS ROUNDS record|whole|flock\n");
    return 2;
  }
  const int writers = atoi(words[5]), rounds = atoi(words[6]), records = writers * rounds;
  char *paths[3];
  for (int i = 0; i < 3; ++i)
    if (asprintf(&paths[i], "%s/%s", words[1 + i], words[4]) < 0) die("memory");
  int made = open(paths[0], O_RDWR | O_CREAT | O_EXCL, 0666);
  if (made < 0 || ftruncate(made, (off_t)records * RECORD_BYTES) || close(made)) die("create");
  for (int writer = 0; writer < writers; ++writer) {
    const pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
      write_records(paths[writer % 2], writer, writers, rounds, words[7]);
      _exit(0);
    }
  }
  int status = 0, failed = 0;
  while (wait(&status) > 0) failed |= status;
  if (failed) return 3;
  int kept = 0;
  int file = open(paths[2], O_RDONLY);
  if (file < 0) die("open the store");
  for (int i = 0; i < records; ++i) {
    char record[RECORD_BYTES] = {0}, wanted[RECORD_BYTES];
    memset(wanted, 1 + (i % writers + i / writers) % 250, sizeof wanted);
    if (pread(file, record, sizeof record, (off_t)i * RECORD_BYTES) < 0) die("read the store");
    kept += !memcmp(record, wanted, sizeof wanted);
  }
  printf("kept %d of %d\n", kept, records);
  return 0;
}
