/* Finds out when node 2 sees what node 1 wrote. One process uses both nodes' mounts. Plain C without
 * npyrace's code.
 *
 *   sees NODE1 NODE2 STORE NAME READER [mmap] [wait-MILLISECONDS]
 *
 * READER: fresh (opens for every look) · holds-read (has the file open, and read it before) ·
 * holds-write (the same, open for writing; looks by a new open) · mapped (has a mapping).
 * Prints e.g. "write=old sync=new close=new later=new": what the reader saw after each step.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FILE_BYTES = 4096 };

static const char *reader;
static char *path1, *path2;
static int held = -1;
static const volatile char *mapping;

static _Noreturn void die(const char *what) {
  fprintf(stderr, "sees: %s: %s\n", what, strerror(errno));
  exit(3);
}

static char first_byte(int file) {
  char byte = 0;
  if (pread(file, &byte, 1, 0) != 1) die("read");
  return byte;
}

static const char *look(void) {
  char byte;
  if (mapping) byte = *mapping;
  else if (!strcmp(reader, "holds-read")) byte = first_byte(held);
  else {
    int file = open(path2, O_RDONLY);
    if (file < 0) die("open for a look");
    byte = first_byte(file);
    close(file);
  }
  return byte == 'o' ? "old" : byte == 'n' ? "new" : "wrong";
}

static void hold(void) {
  const int writes = !strcmp(reader, "holds-write");
  if (!strcmp(reader, "fresh")) return;
  held = open(path2, writes ? O_RDWR : O_RDONLY);
  if (held < 0) die("open of the reader");
  first_byte(held);
  if (strcmp(reader, "mapped")) return;
  mapping = mmap(NULL, FILE_BYTES, PROT_READ, MAP_SHARED, held, 0);
  if (mapping == MAP_FAILED) die("mmap of the reader");
  if (*mapping != 'o') die("the mapping is not old");
}

static void create_old_file(const char *path) {
  char bytes[FILE_BYTES];
  memset(bytes, 'o', sizeof bytes);
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (file < 0 || write(file, bytes, FILE_BYTES) != FILE_BYTES || close(file)) die("create");
}

int main(int argc, char **argv) {
  if (argc < 6) return fprintf(stderr, "sees NODE1 NODE2 STORE NAME READER [WORDS]\n"), 2;
  int by_mmap = 0, wait_ms = 0;
  for (int i = 6; i < argc; i++)
    if (!strcmp(argv[i], "mmap")) by_mmap = 1;
    else sscanf(argv[i], "wait-%d", &wait_ms);
  reader = argv[5];
  char *stored = NULL;
  if (asprintf(&path1, "%s/%s", argv[1], argv[4]) < 0 ||
      asprintf(&path2, "%s/%s", argv[2], argv[4]) < 0 ||
      asprintf(&stored, "%s/%s", argv[3], argv[4]) < 0)
    return 3;
  create_old_file(stored);
  hold();
  int file = open(path1, O_RDWR);
  if (file < 0) die("open of the writer");
  char *map = NULL;
  if (by_mmap) {
    map = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) die("mmap of the writer");
    *map = 'n';
  } else if (pwrite(file, "n", 1, 0) != 1) die("pwrite");
  printf("write=%s ", look());
  if (map ? msync(map, FILE_BYTES, MS_SYNC) : fsync(file)) die("sync");
  printf("sync=%s ", look());
  if (map && munmap(map, FILE_BYTES)) die("munmap");
  if (close(file)) die("close");
  printf("close=%s ", look());
  if (wait_ms > 0) usleep((useconds_t)wait_ms * 1000);
  printf("later=%s\n", look());
  return 0;
}
