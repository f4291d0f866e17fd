#define _GNU_SOURCE
#include <fcntl.h>
#include <liburing.h>
#include <unistd.h>

#include "tests/speed/hand_written.h"

static int reap(struct io_uring* ring, unsigned count, size_t size) {
  int status = io_uring_submit_and_wait(ring, count) < 0 ? -1 : 0;
  for (unsigned i = 0; i < count; ++i) {
    struct io_uring_cqe* done;
    if (io_uring_wait_cqe(ring, &done) != 0) return -1;
    if (done->res != (int)size) status = -1;
    io_uring_cqe_seen(ring, done);
  }
  return status;
}

int hand_written_io_uring(const struct hand_written_job* job, const char* source) {
  enum { batch = 256 };
  const size_t size = job->record_bytes;
  struct io_uring ring;
  const int descriptor = open(job->path, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return -1;
  if (io_uring_queue_init(batch, &ring, 0) != 0) {
    close(descriptor);
    return -1;
  }
  int status = 0;
  for (size_t i = 0; i < job->records && status == 0;) {
    unsigned count = 0;
    for (; count < batch && i < job->records; ++count, ++i)
      io_uring_prep_write(io_uring_get_sqe(&ring), descriptor, source + i * size, (unsigned)size,
                          job->first_bytes + i * job->step_bytes);
    status = reap(&ring, count, size);
  }
  if (job->sync && fsync(descriptor) != 0) status = -1;
  io_uring_queue_exit(&ring);
  return close(descriptor) == 0 ? status : -1;
}
