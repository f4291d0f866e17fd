#include "bench/strategies/single.h"

namespace npyrace {
namespace {

/// The others have no records, and so no business with the file.
class NoShare final : public OpenShare {
 public:
  void write(const StridedRun&, const std::byte*) override {}
  void sync() override {}
  void close() override {}
};

}  // namespace

std::unique_ptr<OpenShare> SingleStrategy::open(const Share& share, PhaseSeconds& phases) const {
  if (share.writer != kCollector) return std::make_unique<NoShare>();
  static const PwriteStrategy kBatch{{.one_call_a_run = true}};
  return kBatch.open(share, phases);
}

}  // namespace npyrace
