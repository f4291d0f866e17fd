// The server process: receives the plan over the socket, mounts, serves, and shuts down when the
// socket closes. So mounts and folder are removed however the lab's process ends.

#include "bench/lab/server/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <limits>
#include <memory>
#include <stdexcept>

#include "bench/lab/folder.h"
#include "bench/lab/server/node.h"
#include "core/base/error.h"
#include "core/os/channel.h"
#include "core/os/process.h"

namespace npyrace {
namespace {

using namespace lab;

void make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0) throw SystemError({path, "mkdir"}, errno);
}

/// Makes a mount available under a second path: by a bind mount or, without permission, a symbolic
/// link.
void mount_again(const std::string& first, const std::string& other) {
  make_directory(other);
  if (::mount(first.c_str(), other.c_str(), nullptr, MS_BIND, nullptr) == 0) return;
  ::rmdir(other.c_str());
  if (::symlink("n1", other.c_str()) != 0) throw SystemError({other, "symlink"}, errno);
}

std::string mount_path(const std::string& folder, unsigned node) {
  return fmt::format("{}/n{}", folder, node + 1);
}

class Server {
 public:
  Server(const LabPlan& plan, const std::string& folder)
      : folder_(folder), cluster_(plan, folder + "/store") {
    const unsigned sessions = plan.model->one_mount ? 1 : plan.nodes;
    for (unsigned node = 0; node < sessions; ++node) {
      make_directory(mount_path(folder, node));
      nodes_.push_back(std::make_unique<Node>(cluster_, node, mount_path(folder, node)));
      cluster_.nodes.push_back(nodes_.back().get());
    }
    for (auto& node : nodes_) node->serve();
    for (unsigned node = sessions; node < plan.nodes; ++node)
      mount_again(mount_path(folder, 0), mount_path(folder, node));
  }

  /// Releases all waiting operations and unmounts. Unpublished data are discarded with the store.
  ~Server() {
    cluster_.gate.open();
    cluster_.later.end();
    cluster_.stop.request();
    for (const std::string& mount : mounts_below(folder_)) unmount(mount);
    nodes_.clear();
  }

  Cluster& cluster() { return cluster_; }

 private:
  std::string folder_;
  Cluster cluster_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

/// Answers requests until the socket closes. Returns the process group to kill, or 0 after an
/// orderly end.
int answer(Server& server, Channel& channel) {
  int guarded = 0;
  while (const auto line = channel.receive()) {
    if (*line == "end") return 0;
    if (line->starts_with("guard ")) guarded = std::stoi(line->substr(6));
    if (*line == "struck") channel.send(std::to_string(server.cluster().log.count()));
    if (*line == "settle") {
      server.cluster().publish_all();
      channel.send("settled");
    }
    if (*line == "settle-synced") {
      if (server.cluster().model.publication == Publication::later) server.cluster().publish_all();
      channel.send("settled");
    }
    if (*line == "drop") {
      server.cluster().drop_caches();
      channel.send("dropped");
    }
  }
  return guarded;
}

/// The lab handles signals; the server ends with it.
void ignore_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) std::signal(number, SIG_IGN);
}

/// Keeps freed memory in the process: large writes stay in the buffer that received them, and new
/// memory for each would cost more than the copy that this saves.
void reuse_memory() {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, 16 << 20);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  ::mallopt(M_ARENA_MAX, 1);
#endif
}

void serve(Channel& channel, const LabOrder& order) {
  int orphans = 0;
  {
    std::unique_ptr<Server> server;
    try {
      server = std::make_unique<Server>(order.plan, order.folder);
    } catch (const std::exception& error) {
      channel.send(error.what());
      return;
    }
    channel.send("ready");
    orphans = answer(*server, channel);
    if (orphans > 0) ::kill(-orphans, SIGKILL);
  }
  remove_lab_folder(order.folder);
}

}  // namespace

void lab::run_server() {
  ::fcntl(kServerSocket, F_SETFD, FD_CLOEXEC);
  ::fcntl(kServerLock, F_SETFD, FD_CLOEXEC);
  ignore_signals();
  reuse_memory();
  allow_many_files();  // one for every open file of every writer
  serve_a_file_system();
  ::umask(0);  // the kernel has already applied the program's umask
  Channel channel(kServerSocket);
  const auto order = channel.receive();
  if (!order) throw UsageError("lab-server is started by npyrace lab, not by hand");
  if (*order == "end") return;  // no order could be made from the plan
  serve(channel, lab_order_from_text(*order));
}

}  // namespace npyrace
