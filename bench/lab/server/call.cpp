#include "bench/lab/server/call.h"

#include <cerrno>

namespace npyrace::lab {

Node& node_of(fuse_req_t request) {
  return *static_cast<Node*>(fuse_req_userdata(request));
}

Inode& inode_of(Node& node, fuse_ino_t number) {
  return number == FUSE_ROOT_ID ? node.cluster.inodes.root() : *reinterpret_cast<Inode*>(number);
}

Call::Call(fuse_req_t request, About about)
    : node_(node_of(request)), inode_(inode_of(node_, about.file)) {
  Cluster& cluster = node_.cluster;
  if (!cluster.schedule.empty()) meet_faults(about);
  if (!cluster.gate.wait_for_server(node_.index)) error_ = EIO;
  if (error_ == 0) place_ = cluster.gate.enter(node_.index, about.operation);
}

void Call::meet_faults(const About& about) {
  Cluster& cluster = node_.cluster;
  file_name_ = cluster.file_name(inode_);
  if (!about.name.empty())
    file_name_ = file_name_ == "." ? about.name : file_name_ + "/" + about.name;
  faults_ = cluster.schedule.strike({.operation = about.operation,
                                     .node = node_.index,
                                     .file = file_name_,
                                     .age = cluster.age(),
                                     .direct = (about.open_flags & O_DIRECT) != 0});
  if (const FaultSpec* fault = struck(FaultKind::vanish)) vanish(*fault, about.range);
  if (const FaultSpec* fault = struck(FaultKind::delay)) {
    log(*fault, about.range);
    const ThreadPool::Waiting waiting;
    cluster.stop.sleep_for(fault->length);
  }
  if (const FaultSpec* fault = struck(FaultKind::fail)) {
    log(*fault, about.range);
    error_ = fault->row->error_number;
  }
}

/// A fault that names a node makes the server unreachable for that node, any other fault for all
/// nodes.
void Call::vanish(const FaultSpec& fault, ByteRange range) {
  log(fault, range);
  for (unsigned node = 0; node < node_.cluster.plan.nodes; ++node)
    if (fault.node == 0 || fault.node == node + 1)
      node_.cluster.gate.vanish(node, fault.length, fault.fails);
}

const FaultSpec* Call::struck(FaultKind kind) const {
  for (const FaultSpec* fault : faults_)
    if (fault->row->kind == kind) return fault;
  return nullptr;
}

void Call::log(const FaultSpec& fault, ByteRange range, const nlohmann::json& details) {
  node_.cluster.log.add({.fault = &fault, .node = node_.index, .file = file_name_, .range = range},
                        details);
}

}  // namespace npyrace::lab
