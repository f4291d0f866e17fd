#include "bench/race/cell_files.h"

#include <set>
#include <utility>

#include "bench/storage/known_array.h"
#include "bench/storage/place_trials.h"
#include "bench/storage/sidecar.h"
#include "bench/storage/views.h"
#include "core/os/signals.h"

namespace npyrace {

CellFiles::CellFiles(const RunPlan& plan, const Cell& cell, const RaceContext& context)
    : plan_(plan),
      cell_(cell),
      context_(context),
      map_(cell.array),
      caches_(cell.caches),
      cache_count_(cell.cache_count()),
      units_(count_shared(caches_)) {}

UnitCounts CellFiles::count_shared(const std::vector<std::uint64_t>& caches) const {
  UnitCounts units = cell_.tells_who_writes() ? count_units(map_, caches) : UnitCounts{};
  if (!cell_.contended()) units.shared = {};
  return units;
}

std::unique_ptr<RaceFile> CellFiles::make() {
  auto file = std::make_unique<RaceFile>(plan_.dirs(), map_, context_.site.open_file, maker());
  if (!plan_.exec.create.empty()) adopt_header(file->paths().front());
  context_.site.quiesce(Pending::all);
  return file;
}

ArrayMaker CellFiles::maker() const {
  if (plan_.exec.create.empty()) return array_maker(Making::synced);
  return [request = create_request(), any = plan_.exec.serial](
             const std::string& path, const ArrayMap& map, const FileOpener&) {
    any ? run_create_program(request, path, map) : create_by_program(request, path, map);
  };
}

ExecCreateRequest CellFiles::create_request() const {
  return {.command = plan_.exec.create,
          .writers = cell_.description.writers,
          .time_limit = plan_.patience};
}

std::uint64_t CellFiles::fresh_stamp_seed() const {
  return stamp_seed_of(plan_.seed, new_array_id());
}

ArrayRequest CellFiles::array_as_made() const {
  ArrayRequest array = cell_.array;
  if (!plan_.exec.serial) array.header = map_.request().header;
  return array;
}

LaunchRequest CellFiles::launch_request(const RaceFile& file, std::uint64_t stamp_seed,
                                        std::uint64_t most_generations) const {
  return {.order = {.array = array_as_made(),
                    .paths = file.paths(),
                    .strategies = cell_.writer_strategies(),
                    .sync = cell_.description.sync,
                    .local_dir = plan_.local_dir,
                    .stamp_seed = stamp_seed,
                    .generations = static_cast<unsigned>(most_generations)},
          .writers = cell_.description.writers,
          .caches = caches_,
          .exec = {.command = plan_.exec.command_of(cell_.description.strategy),
                   .scheduler = plan_.exec.scheduler,
                   .time_limit = plan_.exec.time_limit,
                   .stamps = !plan_.exec.serial},
          .slurm = plan_.slurm,
          .patience = plan_.patience,
          .coordinator = context_.site.coordinator,
          .tell = context_.tell};
}

GenerationReport CellFiles::run_alone(LaunchRequest request, std::uint64_t writer) const {
  request.only_writer = writer;
  return cell_.launcher->start(request)->race();
}

Findings CellFiles::read_back(const RaceFile& file, const Expectation& expectation,
                              std::uint64_t stamp_seed, bool every_view) {
  context_.site.quiesce(runs_program() ? Pending::synced : Pending::all);
  const View judge =
      choose_judge(file.path_in(plan_.judge_dir), plan_.judge_dir, context_.site.open_file);
  judge_ = judge;
  if (truth_) return compare_with_content(expectation, judge);
  if (every_view) views_ = choose_views(file.paths(), plan_.dirs(), context_.site.open_file, judge);
  return scan_settled(
      {.subject = {.map = map_, .stamper = map_.stamper(stamp_seed), .expectation = expectation},
       .open_file = context_.site.open_file,
       .judge = judge,
       .views = every_view ? views_ : std::vector<View>{},
       .cancelled = interrupted},
      [this](const ScanRequest& request) { return context_.site.scan(request); });
}

Findings CellFiles::compare_with_content(const Expectation& expectation, const View& judge) const {
  TruthScan scan{.map = map_,
                 .truth = truth_->truth,
                 .open_file = context_.site.open_file,
                 .judge = judge,
                 .cancelled = interrupted};
  for (const WriterPromise& promise : expectation.promises)
    scan.unacknowledged.push_back(promise.kept < promise.newest);
  return compare_with_truth(scan);
}

void CellFiles::adopt_array(const ArrayRequest& array) {
  map_ = ArrayMap(array);
  units_ = count_shared(caches_);
}

void CellFiles::adopt_truth(SerialTruth truth) {
  adopt_array(truth.array);
  truth_ = std::move(truth);
}

void CellFiles::adopt_header(const std::string& path) {
  if (plan_.exec.serial) return;  // the expected content includes the exact bytes of the header
  const ArrayRequest made = with_own_header(map_.request(), path);
  if (made.header != map_.request().header) adopt_array(made);
}

void CellFiles::adopt_caches(const std::vector<std::uint64_t>& caches) {
  const bool first = !std::exchange(knows_caches_, true);
  if (!first && caches == caches_) return;
  const UnitCounts now = count_shared(caches);
  units_ = first ? now
                 : UnitCounts{.shared = fewest(units_.shared, now.shared),
                              .at_risk = fewest(units_.at_risk, now.at_risk)};
  caches_ = caches;
  cache_count_ = std::set(caches_.begin(), caches_.end()).size();
}

}  // namespace npyrace
