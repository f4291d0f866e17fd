/* Finds out when stores into a mapping become visible if the mapping is never synced. Plain C without
 * npyrace's code.
 *
 *   unsynced NODE1 NODE2 STORE NAME ENDING SECONDS...
 *
 * A program on node 1 maps the file and stores a page into it. ENDING is what it does then:
 * munmap (the descriptor was closed before the store; munmap comes last) · exit (the same, but the
 * program exits instead) · exit-open (it exits with the descriptor open) · close (munmap, then close
 * of the descriptor) · mapped (the mapping stays, the descriptor was closed before).
 * With "+read" or "+write" appended, node 1 then opens the file that way and closes it again.
 * Prints the content seen by a new open on node 2 and in the store, at once and after SECONDS from
 * the ending: "munmap at-once=old/old 60=new/new".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FILE_BYTES = 4096 };

static char *path1, *path2, *store;

static _Noreturn void die(const char *what) {
  fprintf(stderr, "unsynced: %s: %s\n", what, strerror(errno));
  exit(3);
}

static void create(void) {
  char page[FILE_BYTES];
  memset(page, 'o', sizeof page);
  int file = open(path1, O_RDWR | O_CREAT | O_EXCL, 0666);
  if (file < 0) die("create");
  if (write(file, page, sizeof page) != sizeof page) die("write");
  if (fsync(file) || close(file)) die("sync");
}

static const char *look(const char *path) {
  char byte = 0;
  int file = open(path, O_RDONLY);
  if (file < 0) die("open for a look");
  if (pread(file, &byte, 1, 0) != 1) die("read");
  close(file);
  return byte == 'o' ? "old" : byte == 'n' ? "new" : "wrong";
}

static void store_into_mapping(const char *ending) {
  const int closes_first = strcmp(ending, "exit-open") && strcmp(ending, "close");
  int file = open(path1, O_RDWR);
  if (file < 0) die("open");
  char *mapping = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapping == MAP_FAILED) die("mmap");
  if (closes_first && close(file)) die("close");
  memset(mapping, 'n', FILE_BYTES);
  const int unmaps = !strcmp(ending, "munmap") || !strcmp(ending, "close");
  if (unmaps && munmap(mapping, FILE_BYTES)) die("munmap");
  if (!strcmp(ending, "close") && close(file)) die("close");
}

static void end_of_program(const char *ending) {
  const pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    store_into_mapping(ending);
    _exit(0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) die("the program");
}

static void open_and_close(int flags) {
  int file = open(path1, flags);
  if (file < 0 || close(file)) die("open again");
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void show(const char *when) {
  const char *node = look(path2);
  printf(" %s=%s/%s", when, node, look(store));
  fflush(stdout);
}

int main(int count, char **words) {
  if (count < 6) {
    fprintf(stderr, "usage: unsynced NODE1 NODE2 STORE NAME ENDING [SECONDS...]\n");
    return 2;
  }
  if (asprintf(&path1, "%s/%s", words[1], words[4]) < 0) die("memory");
  if (asprintf(&path2, "%s/%s", words[2], words[4]) < 0) die("memory");
  if (asprintf(&store, "%s/%s", words[3], words[4]) < 0) die("memory");
  char *ending = words[5];
  char *then = strchr(ending, '+');
  if (then) *then++ = '\0';
  create();
  if (!strncmp(ending, "exit", 4)) end_of_program(ending);
  else store_into_mapping(ending);
  if (then) open_and_close(strcmp(then, "write") ? O_RDONLY : O_RDWR);
  const double start = now();
  printf("%s%s%s", ending, then ? "+" : "", then ? then : "");
  show("at-once");
  for (int i = 6; i < count; ++i) {
    const double left = start + atof(words[i]) - now();
    if (left > 0) usleep((useconds_t)(left * 1e6));
    show(words[i]);
  }
  printf("\n");
  return 0;
}
