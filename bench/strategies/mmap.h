#pragma once
// Shared mappings: the whole file, or the pages of one's own records.

#include "bench/strategies/strategy.h"

namespace npyrace {

class MmapStrategy final : public Strategy {
 public:
  enum class Extent { whole_file, own_pages };
  explicit constexpr MmapStrategy(Extent extent) : extent_(extent) {}
  std::unique_ptr<OpenShare> open(const Share& share, PhaseSeconds& phases) const override;

 private:
  Extent extent_;
};

}  // namespace npyrace
