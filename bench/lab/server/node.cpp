#include "bench/lab/server/node.h"

#include <cerrno>

#include "bench/lab/mounts.h"
#include "bench/lab/server/fuse.h"
#include "bench/lab/server/operations.h"
#include "core/error.h"

namespace npyrace::lab {

Node::Node(Cluster& cluster_in, unsigned index_in, const std::string& mount_in)
    : cluster(cluster_in), index(index_in), mount(mount_in) {
  fuse_args arguments = FUSE_ARGS_INIT(0, nullptr);
  fuse_opt_add_arg(&arguments, "npyrace");
  fuse_opt_add_arg(&arguments, "-ofsname=npyrace-lab,subtype=npyrace,default_permissions");
  const fuse_lowlevel_ops& operations = lab_operations();
  session_ = fuse_session_new(&arguments, &operations, sizeof operations, this);
  fuse_opt_free_args(&arguments);
  if (session_ == nullptr) throw SystemError({mount, "fuse_session_new"}, EINVAL);
  errno = 0;
  if (fuse_session_mount(session_, mount.c_str()) != 0) {
    const int error_number = errno == 0 ? EPERM : errno;
    fuse_session_destroy(session_);
    throw SystemError({mount, "FUSE mount"}, error_number);
  }
  pool_ = std::make_unique<ThreadPool>(session_);
}

/// Whoever still uses the mount gets ENOTCONN as soon as the session is gone.
Node::~Node() {
  unmount(mount);  // unless that is done already
  fuse_session_exit(session_);
  pool_.reset();
  fuse_session_unmount(session_);
  fuse_session_destroy(session_);
}

}  // namespace npyrace::lab
