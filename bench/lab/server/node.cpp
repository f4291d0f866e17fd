#include "bench/lab/server/node.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <limits>

#include "bench/lab/folder.h"
#include "bench/lab/server/fuse.h"
#include "bench/lab/server/operations.h"
#include "core/base/error.h"

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

/// Users of the mount get ENOTCONN after the session has ended.
Node::~Node() {
  unmount(mount);  // no effect if already unmounted
  fuse_session_exit(session_);
  pool_.reset();
  fuse_session_unmount(session_);
  fuse_session_destroy(session_);
}

namespace {

LabFile::Setup file_setup(const LabPlan& plan) {
  const FaultSchedule schedule(plan.faults, plan.seed);
  const bool through = plan.model->publication == Publication::at_write;
  return {.model = plan.model,
          .nodes = plan.nodes,
          .history = {.old_pages = schedule.has(FaultKind::old_page),
                      .undo = schedule.has(FaultKind::false_fsync) && through}};
}

Descriptor open_store(const std::string& store) {
  Descriptor root(::open(store.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) throw SystemError({store, "open"}, errno);
  return root;
}

ByteRange hull(const std::vector<ByteRange>& ranges) {
  return {ranges.front().begin, ranges.back().end};
}

}  // namespace

Cluster::Cluster(const LabPlan& plan_in, const std::string& store_in)
    : plan(plan_in),
      model(*plan.model),
      store(store_in),
      schedule(plan.faults, plan.seed),
      log(plan.log_path),
      gate(Latency(plan.latency, plan.nodes), plan.nodes, plan.server_threads, stop),
      inodes(file_setup(plan), model.kernel_write_back, open_store(store)) {}

Duration Cluster::age() const {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start_);
}

int Cluster::publish(Inode& inode, unsigned node) {
  const LabFile::Publication publication = inode.file.publish(node);
  if (!publication.ranges.empty()) tell_others(inode, node, hull(publication.ranges));
  return -publication.error;
}

void Cluster::tell_others(Inode& inode, unsigned writer, ByteRange range) {
  for (unsigned node = 0; node < plan.nodes; ++node) {
    if (node == writer) continue;
    if (model.refresh == Refresh::at_publication) invalidate(inode, node, range);
    if (model.refresh_delay.count() == 0) continue;
    // Holds a weak reference: an inode that no kernel references may be freed.
    later.after(model.refresh_delay, [this, node, known = inode.weak_from_this()] {
      const auto held = known.lock();
      if (held == nullptr || held->file.writing_on(node)) return;
      held->file.refresh(node);
      invalidate(*held, node, kWholeFile);
    });
  }
}

void Cluster::invalidate(Inode& inode, unsigned node, ByteRange range) {
  const bool to_end = range.end > static_cast<std::uint64_t>(LLONG_MAX);
  const auto length = to_end ? 0 : static_cast<off_t>(range.size_bytes());
  const auto number = reinterpret_cast<fuse_ino_t>(&inode);
  // The kernel waits for pages locked by a writer on the node until its write was served.
  const ThreadPool::Waiting waiting;
  // ENOENT: that kernel does not reference the file and has no cached pages.
  fuse_lowlevel_notify_inval_inode(nodes[node]->session(), number, static_cast<off_t>(range.begin),
                                   length);
}

void Cluster::name_removed(Inode& folder, const std::string& name, unsigned remover) {
  if (nodes.size() < 2) return;
  later.after({}, [this, name, remover, held = folder.shared_from_this()] {
    const bool is_root = held.get() == &inodes.root();
    const auto number = is_root ? FUSE_ROOT_ID : reinterpret_cast<fuse_ino_t>(held.get());
    for (const Node* node : nodes)
      if (node->index != remover)
        fuse_lowlevel_notify_inval_entry(node->session(), number, name.c_str(), name.size());
  });
}

void Cluster::written(Inode& inode, unsigned node) {
  if (model.publication_delay.count() == 0) return;
  if (inode.publication_due[node].exchange(true)) return;
  later.after(model.publication_delay, [this, node, held = inode.shared_from_this()] {
    held->publication_due[node] = false;
    publish(*held, node);
  });
}

void Cluster::publish_all() {
  for (const auto& inode : inodes.all())
    for (unsigned node = 0; node < plan.nodes; ++node)
      if (inode->file.dirty(node)) publish(*inode, node);
}

void Cluster::drop_caches() {
  publish_all();
  for (const auto& inode : inodes.all()) {
    for (const Node* node : nodes) {  // model `strong` has one Node for all, which share a mount
      inode->file.refresh(node->index);
      invalidate(*inode, node->index, kWholeFile);
    }
  }
}

std::string Cluster::file_name(const Inode& inode) const {
  std::array<char, PATH_MAX> buffer{};
  const ssize_t size = ::readlink(inode.reopen_path().c_str(), buffer.data(), buffer.size());
  const std::string path(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  if (path == store) return ".";
  const bool inside = path.compare(0, store.size() + 1, store + "/") == 0;
  return inside ? path.substr(store.size() + 1) : path;
}

}  // namespace npyrace::lab
