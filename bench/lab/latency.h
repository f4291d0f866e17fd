#pragma once
// How long the lab's server takes for an operation of a node.

#include <array>
#include <string>
#include <vector>

#include "bench/lab/operation.h"

namespace npyrace::lab {

class Latency {
 public:
  /// `text`: rules between commas, each [nK.][OPERATION=]TIME or nK=TIME, later ones win:
  /// "1ms" · "write=2ms,fsync=10ms" · "1ms,n2=5ms,n2.write=8ms". Empty: none.
  /// Throws UsageError.
  Latency(const std::string& text, unsigned nodes);

  /// Nodes count from 0.
  Duration of(unsigned node, Operation operation) const {
    return table_[node][static_cast<std::size_t>(operation)];
  }
  /// Whether a rule named a node.
  bool names_nodes() const { return names_nodes_; }

 private:
  void apply(const std::string& rule);

  std::vector<std::array<Duration, kOperations>> table_;
  bool names_nodes_ = false;
};

/// "n2" → 1, with `nodes` nodes; throws UsageError.
unsigned parse_node(const std::string& text, unsigned nodes);

}  // namespace npyrace::lab
