/* deny CALL ENOSYS|EPERM PROGRAM [ARGUMENT…]: runs PROGRAM with one system call refused, as by an old
 * kernel (ENOSYS) or by a container's filter (EPERM). Exit code 99: the filter could not be installed. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
  const char *name;
  long number;
} calls[] = {{"io_uring_setup", SYS_io_uring_setup}, {"copy_file_range", SYS_copy_file_range},
             {"pwritev2", SYS_pwritev2},             {"preadv2", SYS_preadv2},
             {"memfd_create", SYS_memfd_create},     {"statx", SYS_statx},
             {"close_range", SYS_close_range},       {"pidfd_open", SYS_pidfd_open},
             {"userfaultfd", SYS_userfaultfd},       {"faccessat2", SYS_faccessat2},
             {"openat2", SYS_openat2},               {"renameat2", SYS_renameat2},
             {"fallocate", SYS_fallocate},           {"getrandom", SYS_getrandom},
             {"inotify_init1", SYS_inotify_init1}};

static long number_of(const char *name) {
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; ++i)
    if (strcmp(name, calls[i].name) == 0) return calls[i].number;
  fprintf(stderr, "deny: there is no call %s here\n", name);
  exit(99);
}

int main(int argc, char **argv) {
  if (argc < 4) return 99;
  const unsigned refused = strcmp(argv[2], "EPERM") == 0 ? EPERM : ENOSYS;
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number_of(argv[1]), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | refused),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const struct sock_fprog program = {.len = sizeof rules / sizeof rules[0], .filter = rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    perror("deny: seccomp");
    return 99;
  }
  execvp(argv[3], argv + 3);
  perror(argv[3]);
  return 99;
}
