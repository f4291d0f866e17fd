#pragma once
// C's stdio: fopen(FILE, "r+"), fseeko, fwrite. Measured with glibc 2.36: a seek flushes what was
// written, reads the whole block that it lands in, and only the written bytes are written back.
// The read is no part of a read-modify-write, but it fills the node's page cache, which on NFS
// decides who loses.

#include "bench/strategies/strategy.h"

namespace npyrace {

class StdioStrategy final : public Strategy {
 public:
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
};

}  // namespace npyrace
