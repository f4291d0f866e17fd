/* Two processes, one per node, each write every other record of one file at the same time. Then the
 * probe reads the store itself and counts the records that are still old. It is plain C without
 * npyrace's code, so that it can check npyrace's lab and run unchanged on real file systems.
 *
 *   probe NODE1 NODE2 STORE NAME [mmap|pwrite] [rdwr|wronly] [read-before] [dsync] [lock] [direct]
 *         [packed|padded] [sync-none|sync-end|sync-every] [settle-MILLISECONDS] [records-N] [only-1|only-2]
 *
 * Prints "lost N of 4096" (or of N) and exits 0, or "refused: WORDS" if the file system refuses the
 * way of writing. Other errors: exit 3. With only-1 and only-2 the two nodes are two kernels: each runs
 * the probe, they synchronise by files in NODE1 and NODE2, and both read the store and print the count.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_RECORDS = 4096, RECORD_BYTES = 16, MOST_BYTES = MOST_RECORDS * RECORD_BYTES, SYNC_EVERY = 64 };
enum { REFUSED = 4 };

struct options {
  const char *node[2], *store, *name;
  int mmap, wronly, read_before, dsync, lock, direct, padded, sync_none, sync_every, settle_ms;
  int records, only; /* only: the number of this node, 1 or 2; 0: both nodes are on this machine */
};

static _Noreturn void die(const char *what, const char *path) {
  fprintf(stderr, "probe: %s: %s: %s\n", path, what, strerror(errno));
  exit(3);
}

static _Noreturn void refused(void) {
  printf("refused: %s\n", strerror(errno));
  fflush(stdout);
  exit(REFUSED);
}

static char *join(const char *folder, const char *name) {
  char *path = NULL;
  if (asprintf(&path, "%s/%s", folder, name) < 0) exit(3);
  return path;
}

static long file_bytes(const struct options *o) { return (long)o->records * RECORD_BYTES; }

/* A barrier between two kernels: each creates a file and waits for the other's. */
static void meet_by_files(const struct options *o, int node, int number) {
  char *mine = NULL, *other = NULL;
  if (asprintf(&mine, "%s/%s.met-%d-%d", o->node[node], o->name, number, node) < 0 ||
      asprintf(&other, "%s/%s.met-%d-%d", o->node[node], o->name, number, !node) < 0)
    exit(3);
  int file = open(mine, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (file < 0 || close(file)) die("meet", mine);
  while (access(other, F_OK)) usleep(1000);
}

/* A barrier between two processes, with one counter per meeting in shared memory. */
static void meet(const struct options *o, int node, atomic_int *meetings, int number) {
  if (o->only) {
    meet_by_files(o, node, number);
    return;
  }
  atomic_fetch_add(&meetings[number], 1);
  while (atomic_load(&meetings[number]) < 2) usleep(100);
}

static int owner(const struct options *o, int record) {
  return o->padded ? record >= o->records / 2 : record % 2;
}

static void fill(unsigned char *record, int node, int number) {
  memset(record, 0x11 * (node + 1), RECORD_BYTES);
  memcpy(record, &number, sizeof number);
}

static void create_old_file(const struct options *o, const char *path) {
  static const unsigned char zeros[MOST_BYTES];
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (file < 0 || write(file, zeros, file_bytes(o)) != file_bytes(o) || fsync(file) || close(file))
    die("create", path);
}

static void read_through(const struct options *o, const char *path) {
  static unsigned char bytes[MOST_BYTES];
  int file = open(path, O_RDONLY);
  if (file < 0 || pread(file, bytes, file_bytes(o), 0) != file_bytes(o) || close(file))
    die("read", path);
}

static void set_lock(int file, short type, int number) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET,
                       .l_start = (off_t)number * RECORD_BYTES, .l_len = RECORD_BYTES};
  if (fcntl(file, F_SETLKW, &lock)) die("lock", "record");
}

static void put_record(const struct options *o, int file, unsigned char *map, int node, int number) {
  unsigned char record[RECORD_BYTES];
  fill(record, node, number);
  const off_t offset = (off_t)number * RECORD_BYTES;
  if (o->lock) set_lock(file, F_WRLCK, number);
  if (map) memcpy(map + offset, record, RECORD_BYTES);
  else if (pwrite(file, record, RECORD_BYTES, offset) != RECORD_BYTES) {
    if ((o->direct && errno == EINVAL) || errno == EBADF) refused(); /* EBADF: the kernel may not read the page through it */
    die("pwrite", o->name);
  }
  if (o->lock) set_lock(file, F_UNLCK, number);
}

static void sync_file(const struct options *o, int file, unsigned char *map, const char *path) {
  if (map ? msync(map, file_bytes(o), MS_SYNC) : fsync(file)) die("sync", path);
}

static void write_records(const struct options *o, int node, atomic_int *meetings) {
  char *path = join(o->node[node], o->name);
  if (o->read_before) read_through(o, path);
  meet(o, node, meetings, 1);
  int file = open(path, (o->wronly ? O_WRONLY : O_RDWR) | (o->dsync ? O_DSYNC : 0) |
                            (o->direct ? O_DIRECT : 0));
  if (file < 0 && o->direct && errno == EINVAL) refused();
  if (file < 0) die("open", path);
  unsigned char *map = NULL;
  if (o->mmap) {
    map = mmap(NULL, file_bytes(o), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) refused();
  }
  meet(o, node, meetings, 2);
  for (int number = 0, written = 0; number < o->records; number++) {
    if (owner(o, number) != node) continue;
    put_record(o, file, map, node, number);
    if (o->sync_every && ++written % SYNC_EVERY == 0) sync_file(o, file, map, path);
  }
  meet(o, node, meetings, 3); /* both have written before either one's last fsync */
  if (!o->sync_none) sync_file(o, file, map, path);
  if (map && munmap(map, file_bytes(o))) die("munmap", path);
  if (close(file)) die("close", path);
}

static int count_lost(const struct options *o, const char *path) {
  static unsigned char bytes[MOST_BYTES];
  int file = open(path, O_RDONLY);
  if (file < 0 || pread(file, bytes, file_bytes(o), 0) != file_bytes(o)) die("read", path);
  close(file);
  int lost = 0;
  for (int number = 0; number < o->records; number++) {
    unsigned char expected[RECORD_BYTES];
    fill(expected, owner(o, number), number);
    lost += memcmp(bytes + (size_t)number * RECORD_BYTES, expected, RECORD_BYTES) != 0;
  }
  return lost;
}

static void parse(struct options *o, int count, char **words) {
  struct { const char *word; int *flag; int value; } known[] = {
      {"mmap", &o->mmap, 1},          {"pwrite", &o->mmap, 0},     {"wronly", &o->wronly, 1},
      {"rdwr", &o->wronly, 0},        {"dsync", &o->dsync, 1},     {"read-before", &o->read_before, 1},
      {"lock", &o->lock, 1},          {"direct", &o->direct, 1},   {"padded", &o->padded, 1},
      {"packed", &o->padded, 0},      {"sync-none", &o->sync_none, 1},
      {"sync-every", &o->sync_every, 1}, {"sync-end", &o->sync_none, 0},
      {"only-1", &o->only, 1},        {"only-2", &o->only, 2}};
  for (int i = 0; i < count; i++) {
    size_t k = 0, all = sizeof known / sizeof *known;
    while (k < all && strcmp(words[i], known[k].word)) k++;
    if (k < all) *known[k].flag = known[k].value;
    else if (sscanf(words[i], "settle-%d", &o->settle_ms) != 1 &&
             (sscanf(words[i], "records-%d", &o->records) != 1 || o->records < 2 ||
              o->records > MOST_RECORDS)) {
      fprintf(stderr, "probe: unknown word %s\n", words[i]);
      exit(2);
    }
  }
}

/* Runs one of two kernels: node 1 creates the file, and both read the store after both have closed it. */
static int play_one(const struct options *o, const char *stored) {
  const int node = o->only - 1;
  if (node == 0) create_old_file(o, stored);
  meet(o, node, NULL, 0);
  write_records(o, node, NULL);
  meet(o, node, NULL, 4);
  printf("lost %d of %d\n", count_lost(o, stored), o->records);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 5) return fprintf(stderr, "probe NODE1 NODE2 STORE NAME [WORDS]\n"), 2;
  struct options o = {.node = {argv[1], argv[2]}, .store = argv[3], .name = argv[4],
                      .records = MOST_RECORDS};
  parse(&o, argc - 5, argv + 5);
  char *stored = join(o.store, o.name);
  if (o.only) return play_one(&o, stored);
  create_old_file(&o, stored); /* through the store, so that no node has it in its cache */
  atomic_int *meetings =
      mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (meetings == MAP_FAILED) die("mmap", "meetings");
  pid_t child[2];
  for (int node = 0; node < 2; node++) {
    fflush(stdout);
    child[node] = fork();
    if (child[node] < 0) die("fork", "writer");
    if (child[node] == 0) {
      write_records(&o, node, meetings);
      exit(0);
    }
  }
  int worst = 0;
  for (int node = 0; node < 2; node++) {
    int status = 0;
    /* If one was refused or failed, the other still waits at a barrier. */
    pid_t gone = wait(&status);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
    if (code != 0 && node == 0) kill(gone == child[0] ? child[1] : child[0], 9);
    if (code != 0 && (worst == 0)) worst = code;
  }
  if (worst != 0) return worst == REFUSED ? 0 : worst;
  if (o.settle_ms > 0) usleep((useconds_t)o.settle_ms * 1000);
  printf("lost %d of %d\n", count_lost(&o, stored), o.records);
  return 0;
}
