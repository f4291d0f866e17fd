#pragma once
// Simulated latency of the lab's server, per node and operation.

#include <array>
#include <string>
#include <vector>

#include "bench/lab/operation.h"

namespace npyrace::lab {

class Latency {
 public:
  /// `text` holds rules separated by commas, each [nK.][OPERATION=]TIME or nK=TIME; later ones
  /// override earlier ones: "1ms" · "write=2ms,fsync=10ms" · "1ms,n2=5ms,n2.write=8ms". Empty: no
  /// latency. Throws UsageError.
  Latency(const std::string& text, unsigned nodes);

  /// Nodes are counted from 0.
  Duration of(unsigned node, Operation operation) const {
    return table_[node][static_cast<std::size_t>(operation)];
  }
  /// True if a rule names a node.
  bool names_nodes() const { return names_nodes_; }

 private:
  void apply(const std::string& rule);

  std::vector<std::array<Duration, kOperations>> table_;
  bool names_nodes_ = false;
};

/// Converts "n2" to 1; throws UsageError unless it is below `nodes`.
unsigned parse_node(const std::string& text, unsigned nodes);

}  // namespace npyrace::lab
