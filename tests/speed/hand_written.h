/* Loops that a C programmer would write for one machine, one array and one strategy. npyrace's own
 * loops are compared with them. Every function returns 0, or -1 with errno set. */
#ifndef NPYRACE_TESTS_SPEED_HAND_WRITTEN_H_
#define NPYRACE_TESTS_SPEED_HAND_WRITTEN_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The steps that are compiled in: back to back, and every fourth record. */
enum { hand_written_writers = 4, hand_written_small = 16, hand_written_row = 8000 };

struct hand_written_job {
  const char* path;
  size_t file_bytes;
  size_t first_bytes; /* from the start of the file to the first record */
  size_t step_bytes;  /* from record to record: record_bytes, or that times the writers */
  size_t record_bytes;
  size_t records;
  int sync; /* not 0: fsync or msync before the end */
};

int hand_written_mmap(const struct hand_written_job* job, const char* source);
int hand_written_mmap_window(const struct hand_written_job* job, const char* source);
int hand_written_mmap_populate(const struct hand_written_job* job, const char* source);
int hand_written_pwrite(const struct hand_written_job* job, const char* source);
int hand_written_pwrite_batch(const struct hand_written_job* job, const char* source);
int hand_written_pwritev(const struct hand_written_job* job, const char* source);
int hand_written_stdio(const struct hand_written_job* job, const char* source);
int hand_written_io_uring(const struct hand_written_job* job, const char* source);

#ifdef __cplusplus
}
#endif

#endif
