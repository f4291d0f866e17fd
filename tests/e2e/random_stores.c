// Draws a random program from a seed: it maps, stores, writes, remaps and forks, and logs the pages
// to which it stored and the bytes that it wrote: the truth for test_watch_random.py.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

enum { PAGES = 64, MAPS = 6 };
static long page;
static uint64_t state;
static FILE* truth;

static uint64_t draw(uint64_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state % below;
}

static struct map { char* at; long offset, bytes; int writable; } maps[MAPS];
static int count;
static int forks;
static pid_t first;  // process

static void stored(const struct map* map, long byte) {
  map->at[byte] = (char)draw(256);
  fprintf(truth, "%d page %ld\n", getpid(), (map->offset + byte) / page);
}

static void store_somewhere(void) {
  if (count == 0) return;
  struct map* map = &maps[draw(count)];
  if (!map->writable) return;
  const long first = (long)draw(map->bytes);
  for (long i = 0, n = 1 + (long)draw(4); i < n; ++i) stored(map, (first + i * page) % map->bytes);
}

static void map_somewhere(int fd) {
  if (count == MAPS) return;
  struct map* map = &maps[count];
  map->offset = (long)draw(PAGES) * page;
  map->bytes = 1 + (long)draw((PAGES * page) - map->offset);
  map->writable = draw(4) != 0;
  map->at = mmap(0, map->bytes, PROT_READ | (map->writable ? PROT_WRITE : 0), MAP_SHARED, fd, map->offset);
  if (map->at == MAP_FAILED) exit(3);
  ++count;
}

static void unmap(int which) {
  munmap(maps[which].at, maps[which].bytes);
  maps[which] = maps[--count];
}

static void change_mapping(void) {
  if (count == 0) return;
  const int which = (int)draw(count);
  struct map* map = &maps[which];
  switch (draw(9)) {
    case 0:
      return unmap(which);
    case 1: {  // a part at the end goes
      const long keep = map->bytes / 2 / page * page;
      if (keep == 0) return;
      munmap(map->at + keep, map->bytes - keep);
      map->bytes = keep;
      return;
    }
    case 2: {
      const long more = 1 + (long)draw(PAGES * page - map->offset);
      char* at = mremap(map->at, map->bytes, more, MREMAP_MAYMOVE);
      if (at == MAP_FAILED) exit(4);
      map->at = at;
      map->bytes = more;
      return;
    }
    case 3:
      mprotect(map->at, map->bytes, PROT_READ | PROT_WRITE);
      map->writable = 1;
      return;
    case 4:
      msync(map->at, map->bytes, MS_SYNC);
      return;
    case 5: {  // moved, with the old place still mapped
      if (count == MAPS) return;
      char* at = mremap(map->at, map->bytes, map->bytes, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
      if (at == MAP_FAILED) return;
      maps[count] = *map;
      maps[count++].at = at;
      return;
    }
    case 6: {  // a hole in the file, where the file system makes one
      // It takes soft-dirty bits away from the parent, which may store at the same time.
      if (getpid() != first && getenv("NPYRACE_TEST_SOFT_DIRTY") != NULL) return;
      const long bytes = (map->bytes + page - 1) / page * page;
      if (madvise(map->at, bytes, MADV_REMOVE) == 0)
        fprintf(truth, "%d bytes %ld %ld\n", getpid(), map->offset, map->offset + bytes);
      return;
    }
    case 7:  // calls that fail and change nothing
      if (mmap(map->at, map->bytes, PROT_READ, MAP_SHARED | MAP_FIXED, -1, 0) != MAP_FAILED) exit(8);
      if (munmap(map->at + 1, map->bytes) == 0) exit(9);
      return;
    default:
      madvise(map->at, map->bytes, MADV_DONTNEED);
  }
}

static void load_somewhere(void) {
  if (count == 0) return;
  const struct map* map = &maps[draw(count)];
  volatile char sink = 0;
  for (long i = 0; i < map->bytes; i += page) sink += map->at[i];
}

static void write_somewhere(int fd) {
  char data[20000];
  memset(data, 7, sizeof data);
  const long bytes = 1 + (long)draw(sizeof data), offset = (long)draw(PAGES * page - bytes);
  struct iovec parts[2] = {{data, bytes / 2}, {data, bytes - bytes / 2}};
  long written = bytes;
  switch (draw(4)) {
    case 0:
      written = pwrite(fd, data, bytes, offset);
      break;
    case 1:
      written = pwritev(fd, parts, 2, offset);
      break;
    case 2:
      if (lseek(fd, offset, SEEK_SET) < 0) exit(5);
      written = write(fd, data, bytes);
      break;
    default: {
      const int copy = dup(fd);
      written = pwrite(copy, data, bytes, offset);
      close(copy);
    }
  }
  if (written != bytes) exit(6);
  fprintf(truth, "%d bytes %ld %ld\n", getpid(), offset, offset + bytes);
}

static void act(int fd, int depth);

static void fork_somewhere(int fd, int depth) {
  fflush(truth);
  ++forks;
  const pid_t child = fork();
  if (child < 0) exit(7);
  if (child == 0) {
    state ^= 0x5555555555555555u * (uint64_t)forks;
    if (state == 0) state = 1;
    for (int i = 0; i < 10; ++i) act(fd, depth + 1);
    fflush(truth);
    if (draw(2)) _exit(0);
    exit(0);
  }
  if (draw(2)) {  // at the same time as the child
    store_somewhere();
    store_somewhere();
  }
  waitpid(child, 0, 0);
}

static void act(int fd, int depth) {
  switch (draw(12)) {
    case 0:
    case 1:
      return map_somewhere(fd);
    case 2:
      return change_mapping();
    case 3:
      return load_somewhere();
    case 4:
    case 5:
      return write_somewhere(fd);
    case 6:
      if (depth < 2) fork_somewhere(fd, depth);
      return;
    default:
      store_somewhere();
  }
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  page = sysconf(_SC_PAGESIZE);
  first = getpid();
  state = strtoull(argv[3], 0, 10) * 0x9e3779b97f4a7c15u + 1;
  for (int i = 0; i < 20; ++i) draw(2);
  truth = fopen(argv[2], "a");
  const int fd = open(argv[1], O_RDWR | O_CREAT, 0600);
  if (!truth || fd < 0 || ftruncate(fd, PAGES * page) != 0) return 3;
  for (int i = 0; i < 60; ++i) act(fd, 0);
  fclose(truth);
  return 0;
}
