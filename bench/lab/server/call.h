#pragma once
// One file system operation of one node: passes it through faults, simulated unavailability,
// latency, and the limit of concurrent operations.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/lab/server/fuse.h"
#include "bench/lab/server/node.h"

namespace npyrace::lab {

Node& node_of(fuse_req_t request);
Inode& inode_of(Node& node, fuse_ino_t number);

class Call {
 public:
  struct About {
    Operation operation = Operation::meta;
    fuse_ino_t file = 0;
    std::string name = {};  ///< in the directory `file`: the call concerns this entry
    ByteRange range = {};
    int open_flags = 0;
  };

  /// Blocks until the operation may proceed. Then check `error()`.
  Call(fuse_req_t request, About about);

  /// The errno with which the operation must fail, or 0.
  int error() const { return error_; }
  /// The fault of this kind that strikes the operation, or nullptr.
  const FaultSpec* struck(FaultKind kind) const;
  /// All faults that strike the operation.
  const std::vector<const FaultSpec*>& faults() const { return faults_; }
  /// Logs a fault that has taken effect, with the affected bytes.
  void log(const FaultSpec& fault, ByteRange range,
           const nlohmann::json& details = nlohmann::json::object());

  /// Releases the place among the concurrent operations; required before other nodes' kernels are
  /// called, to avoid deadlock.
  void leave() { place_ = {}; }

  Node& node() { return node_; }
  Inode& inode() { return inode_; }

 private:
  void meet_faults(const About& about);
  void vanish(const FaultSpec& fault, ByteRange range);

  Node& node_;
  Inode& inode_;
  std::string file_name_;  ///< set only if there are faults
  std::vector<const FaultSpec*> faults_;
  int error_ = 0;
  Gate::Place place_;
};

}  // namespace npyrace::lab
