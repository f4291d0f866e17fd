#include "bench/strategies/file_per_writer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "bench/stopwatch.h"
#include "bench/strategies/part_file.h"

namespace npyrace {
namespace {

/// So much of the array is put together before it is written.
constexpr std::uint64_t kWindowBytes = 4 << 20;

class PartShare final : public OpenShare {
 public:
  PartShare(const Share& share, FilePerWriterStrategy::Way way, PhaseSeconds& phases)
      : share_(share), way_(way), path_(part_path(share.path, share.writer, share.generation)) {
    if (share.map->count(share.writer) == 0) return;
    Stopwatch watch;
    const ArrayMap part = part_map(*share.map, share.writer);
    file_ = share.open_file(unfinished_part_path(path_),
                            {.access = Access::read_write, .create_new = true});
    file_->write_at(part.header(), 0);
    next_bytes_ = part.data_offset_bytes();
    phases.open += watch.lap_seconds();
  }

  void write(const StridedRun& run, const std::byte* source) override {
    const auto bytes = static_cast<std::size_t>(run.records * share_.record_bytes);
    file_->write_at({source, bytes}, next_bytes_);
    next_bytes_ += bytes;
  }

  bool first_record_alone() const override { return false; }

  void sync() override {
    if (file_) file_->sync();
  }

  /// What is found under the name is whole, also when a writer dies.
  void close() override {
    if (!file_) return;
    file_->close();
    if (std::rename(unfinished_part_path(path_).c_str(), path_.c_str()) != 0)
      throw SystemError({path_, "rename"}, errno);
  }

  void collect(bool synced) override {
    const auto array = share_.open_file(share_.path, {.access = Access::read_write});
    std::vector<std::optional<PartReader>> parts(share_.map->writers());
    for (std::uint64_t writer = 0; writer < parts.size(); ++writer) open_part(parts, writer);
    if (way_.in_kernel)
      copy_runs(*array, parts);
    else
      assemble(*array, parts);
    if (synced) array->sync();
    array->close();
    for (std::uint64_t writer = 0; writer < parts.size(); ++writer)
      if (parts[writer]) ::unlink(part_path_of(writer).c_str());
  }

 private:
  using Parts = std::vector<std::optional<PartReader>>;

  std::string part_path_of(std::uint64_t writer) const {
    return part_path(share_.path, writer, share_.generation);
  }

  /// A writer that died left none, or none that is whole; its records stay what they were.
  void open_part(Parts& parts, std::uint64_t writer) const {
    if (share_.map->count(writer) == 0) return;
    PartReader reader;
    if (reader.open(share_.open_file, part_path_of(writer), part_map(*share_.map, writer)))
      parts[writer] = std::move(reader);
    else
      ++missing_;
  }

  /// As np.concatenate does, a window at a time: record by record in memory, then one write.
  void assemble(File& array, Parts& parts) const {
    const ArrayMap& map = *share_.map;
    const std::uint64_t most = std::max<std::uint64_t>(1, kWindowBytes / map.element_bytes());
    std::vector<std::byte> window;
    for (std::uint64_t first = 0; first < map.elements(); first += most) {
      const std::uint64_t count = std::min(most, map.elements() - first);
      const std::uint64_t at = map.data_offset_bytes() + first * map.element_bytes();
      window.assign(static_cast<std::size_t>(count * map.element_bytes()), std::byte{0});
      if (missing_ > 0) array.read_at(window, at);
      for (std::uint64_t element = first; element < first + count; ++element)
        place(element, parts,
              window.data() + (element - first) * map.element_bytes() + map.lead_bytes());
      array.write_at(window, at);
    }
  }

  void place(std::uint64_t element, Parts& parts, std::byte* to) const {
    const auto writer = share_.map->writer_of(element);
    if (!writer || !parts[*writer]) return;
    const auto record = parts[*writer]->record(share_.map->position_of(element));
    std::memcpy(to, record.data(), record.size());
  }

  void copy_runs(File& array, Parts& parts) const {
    for (std::uint64_t writer = 0; writer < parts.size(); ++writer) {
      if (!parts[writer]) continue;
      std::uint64_t from = part_map(*share_.map, writer).data_offset_bytes();
      for (const StridedRun& run : share_.map->runs(writer)) {
        const std::uint64_t bytes = run.records * share_.record_bytes;
        array.copy_from(parts[writer]->file(), from, run.first_offset_bytes, bytes);
        from += bytes;
      }
    }
  }

  Share share_;
  FilePerWriterStrategy::Way way_;
  std::string path_;
  std::unique_ptr<File> file_;
  std::uint64_t next_bytes_ = 0;
  mutable std::uint64_t missing_ = 0;
};

}  // namespace

std::string FilePerWriterStrategy::unfit_for(const ArrayMap& map) const {
  if (!way_.in_kernel) return "";
  for (std::uint64_t writer = 0; writer < map.writers(); ++writer)
    for (const StridedRun& run : map.runs(writer))
      if (run.records > 1 && run.step_bytes != map.record_bytes())
        return "copy_file_range moves what lies back to back: choose layout padded-block, or "
               "--ownership block";
  return "";
}

std::unique_ptr<OpenShare> FilePerWriterStrategy::open(const Share& share,
                                                       PhaseSeconds& phases) const {
  return std::make_unique<PartShare>(share, way_, phases);
}

}  // namespace npyrace
