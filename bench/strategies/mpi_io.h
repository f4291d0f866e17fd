#pragma once
// Strategies that use MPI-IO: all ranks open the file together, each by its own path. Only under
// launcher mpi.
//
// MPI_File_sync and MPI_File_close are collective: a rank that has failed still calls them, and
// throws afterwards, so that the others do not hang.

#include "bench/strategies/strategy.h"

namespace npyrace {

class MpiIoStrategy final : public Strategy {
 public:
  struct Way {
    bool collective = false;  ///< MPI_File_write_at_all: MPI decides which rank writes which bytes
    bool atomic = false;      ///< MPI_File_set_atomicity
  };
  explicit constexpr MpiIoStrategy(Way way) : way_(way) {}
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;
  bool needs_ranks() const override { return true; }
  bool writes_where_it_runs() const override { return !way_.collective; }

 private:
  Way way_;
};

}  // namespace npyrace
