#pragma once
// One operation of one node, on its way through faults, absences, latency, and the server's places.

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
    std::string name = {};  ///< in the directory `file`: the entry is meant
    ByteRange range = {};
    int open_flags = 0;
  };

  /// Waits for whatever stands in the way. Afterwards `error()` says whether to go on.
  Call(fuse_req_t request, About about);

  /// An errno with which the operation fails, or 0.
  int error() const { return error_; }
  /// The order of this kind that strikes this operation, or nothing.
  const FaultSpec* struck(FaultKind kind) const;
  /// All orders that strike it.
  const std::vector<const FaultSpec*>& faults() const { return faults_; }
  /// It really did harm: to the log, with the bytes that suffered.
  void log(const FaultSpec& fault, ByteRange range,
           const nlohmann::json& details = nlohmann::json::object());

  /// Gives the server's place back; to be done before other nodes' kernels are asked anything.
  void leave() { place_ = {}; }

  Node& node() { return node_; }
  Inode& inode() { return inode_; }

 private:
  void meet_faults(const About& about);
  void vanish(const FaultSpec& fault, ByteRange range);

  Node& node_;
  Inode& inode_;
  std::string file_name_;  ///< only where there are faults
  std::vector<const FaultSpec*> faults_;
  int error_ = 0;
  Gate::Place place_;
};

}  // namespace npyrace::lab
