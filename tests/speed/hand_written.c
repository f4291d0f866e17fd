#define _GNU_SOURCE /* MAP_POPULATE, pwritev */
#include "tests/speed/hand_written.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* Inlined with constant arguments, so that the compiler makes a specialised loop for each use. */
#define WITH_CONSTANTS static inline __attribute__((always_inline))

WITH_CONSTANTS void store_each(char* place, const char* source, size_t records, size_t step,
                               size_t size) {
  for (size_t i = 0; i < records; ++i) memcpy(place + i * step, source + i * size, size);
}

static int store(const struct hand_written_job* job, char* place, const char* source) {
  const size_t n = job->records, step = job->step_bytes, size = job->record_bytes;
  if (step == size)
    memcpy(place, source, n * size);
  else if (size == hand_written_small && step == size * hand_written_writers)
    store_each(place, source, n, hand_written_small * hand_written_writers, hand_written_small);
  else if (size == hand_written_row && step == size * hand_written_writers)
    store_each(place, source, n, hand_written_row * hand_written_writers, hand_written_row);
  else
    return errno = EINVAL, -1;
  return 0;
}

static int close_after(int descriptor, int status) {
  return close(descriptor) == 0 ? status : -1;
}

static int map_and_store(const struct hand_written_job* job, const char* source, size_t from,
                         size_t size, int flags) {
  const int descriptor = open(job->path, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return -1;
  char* memory =
      mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | flags, descriptor, (off_t)from);
  if (memory == MAP_FAILED) return close_after(descriptor, -1);
  int status = store(job, memory + (job->first_bytes - from), source);
  if (job->sync && msync(memory, size, MS_SYNC) != 0) status = -1;
  if (munmap(memory, size) != 0) status = -1;
  return close_after(descriptor, status);
}

int hand_written_mmap(const struct hand_written_job* job, const char* source) {
  return map_and_store(job, source, 0, job->file_bytes, 0);
}

int hand_written_mmap_populate(const struct hand_written_job* job, const char* source) {
  return map_and_store(job, source, 0, job->file_bytes, MAP_POPULATE);
}

int hand_written_mmap_window(const struct hand_written_job* job, const char* source) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const size_t from = job->first_bytes / page * page;
  const size_t end = job->first_bytes + (job->records - 1) * job->step_bytes + job->record_bytes;
  return map_and_store(job, source, from, end - from, 0);
}

static int write_whole(int descriptor, const char* source, size_t size, size_t offset) {
  while (size > 0) {
    const ssize_t part = pwrite(descriptor, source, size, (off_t)offset);
    if (part < 0 && errno != EINTR) return -1;
    if (part <= 0) continue;
    source += part, size -= (size_t)part, offset += (size_t)part;
  }
  return 0;
}

WITH_CONSTANTS int write_each(int descriptor, const struct hand_written_job* job,
                              const char* source, size_t step, size_t size) {
  for (size_t i = 0; i < job->records; ++i)
    if (write_whole(descriptor, source + i * size, size, job->first_bytes + i * step) != 0)
      return -1;
  return 0;
}

static int write_all(int descriptor, const struct hand_written_job* job, const char* source) {
  const size_t small = hand_written_small, row = hand_written_row, writers = hand_written_writers;
  const size_t step = job->step_bytes;
  if (step == small) return write_each(descriptor, job, source, small, small);
  if (step == small * writers) return write_each(descriptor, job, source, small * writers, small);
  if (step == row) return write_each(descriptor, job, source, row, row);
  if (step == row * writers) return write_each(descriptor, job, source, row * writers, row);
  return errno = EINVAL, -1;
}

static int open_and_write(const struct hand_written_job* job, const char* source, int at_once) {
  const int descriptor = open(job->path, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return -1;
  int status =
      at_once ? write_whole(descriptor, source, job->records * job->record_bytes, job->first_bytes)
              : write_all(descriptor, job, source);
  if (job->sync && fsync(descriptor) != 0) status = -1;
  return close_after(descriptor, status);
}

int hand_written_pwrite(const struct hand_written_job* job, const char* source) {
  return open_and_write(job, source, 0);
}

int hand_written_pwrite_batch(const struct hand_written_job* job, const char* source) {
  return open_and_write(job, source, job->step_bytes == job->record_bytes);
}

/* Contiguous records are written together, as many as one call takes; others one by one. */
static int write_gathered(int descriptor, const struct hand_written_job* job, const char* source) {
  struct iovec parts[IOV_MAX];
  const size_t size = job->record_bytes;
  const size_t together = job->step_bytes == size ? IOV_MAX : 1;
  for (size_t i = 0; i < job->records;) {
    const size_t left = job->records - i, count = left < together ? left : together;
    for (size_t k = 0; k < count; ++k)
      parts[k] = (struct iovec){(char*)source + (i + k) * size, size};
    const ssize_t done =
        pwritev(descriptor, parts, (int)count, (off_t)(job->first_bytes + i * job->step_bytes));
    if (done != (ssize_t)(count * size)) return -1;
    i += count;
  }
  return 0;
}

int hand_written_pwritev(const struct hand_written_job* job, const char* source) {
  const int descriptor = open(job->path, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return -1;
  int status = write_gathered(descriptor, job, source);
  if (job->sync && fsync(descriptor) != 0) status = -1;
  return close_after(descriptor, status);
}

int hand_written_stdio(const struct hand_written_job* job, const char* source) {
  FILE* file = fopen(job->path, "r+e");
  if (file == NULL) return -1;
  int status = 0;
  for (size_t i = 0; i < job->records && status == 0; ++i) {
    if (i == 0 || job->step_bytes != job->record_bytes) /* contiguous records need no seek, which would flush the buffer */
      status = fseeko(file, (off_t)(job->first_bytes + i * job->step_bytes), SEEK_SET);
    if (fwrite(source + i * job->record_bytes, job->record_bytes, 1, file) != 1) status = -1;
  }
  if (fflush(file) != 0 || (job->sync && fsync(fileno(file)) != 0)) status = -1;
  return fclose(file) == 0 ? status : -1;
}
