#pragma once
// A file of its own for each writer, beside the array: an NPY file of its records, in its order.
// Writer 0 brings them into the array when all are there, and removes them.

#include "bench/strategies/strategy.h"

namespace npyrace {

class FilePerWriterStrategy final : public Strategy {
 public:
  struct Way {
    bool in_kernel = false;  ///< by copy_file_range, run by run; else read, assembled and written
  };
  explicit constexpr FilePerWriterStrategy(Way way) : way_(way) {}
  Together together() const override { return Together::collect; }
  std::string unfit_for(const ArrayMap& map) const override;
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;

 private:
  Way way_;
};

}  // namespace npyrace
