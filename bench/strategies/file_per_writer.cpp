#include "bench/strategies/file_per_writer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include "bench/strategies/ways.h"
#include "core/os/stopwatch.h"
#include "core/os/temporary_folder.h"

namespace npyrace {
namespace {

/// Small, because a thousand parts may be read at once.
constexpr std::uint64_t kPartBufferBytes = 32 << 10;

}  // namespace

std::string part_path(const std::string& array_path, std::uint64_t writer, unsigned generation) {
  return fmt::format("{}.part{}-{}", array_path, writer, generation);
}

std::string unfinished_part_path(const std::string& part_path) {
  return part_path + ".tmp";
}

ArrayMap part_map(const ArrayMap& map, std::uint64_t writer) {
  return ArrayMap({.descr = map.request().descr,
                   .row_shape = map.request().row_shape,
                   .records = map.count(writer)});
}

namespace {

/// A part has its final name only when complete, but attribute caches may show the reading node a
/// shorter file for seconds; so the collector waits.
std::unique_ptr<File> open_whole(const FileOpener& open_file, const std::string& path,
                                 std::uint64_t size_bytes) {
  constexpr std::int64_t kVisibleWithinNs = 5'000'000'000;
  const std::int64_t start_ns = monotonic_ns();
  for (;;) {
    std::unique_ptr<File> file = open_file(path, {});
    if (file->size_bytes() >= size_bytes || monotonic_ns() - start_ns > kVisibleWithinNs)
      return file;
    file->close();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

bool PartReader::open(const FileOpener& open_file, const std::string& path, const ArrayMap& part) {
  try {
    file_ = open_whole(open_file, path, part.file_bytes());
  } catch (const SystemError& error) {
    if (error.error_number() == ENOENT) return false;
    throw;
  }
  data_offset_bytes_ = part.data_offset_bytes();
  record_bytes_ = part.record_bytes();
  records_ = part.records();
  return true;
}

std::span<const std::byte> PartReader::record(std::uint64_t position) {
  if (position < first_ || position >= first_ + held_) {
    first_ = position;
    held_ =
        std::min(records_ - position, std::max<std::uint64_t>(1, kPartBufferBytes / record_bytes_));
    buffer_.resize(static_cast<std::size_t>(held_ * record_bytes_));
    const std::uint64_t at = data_offset_bytes_ + position * record_bytes_;
    if (file_->read_at(buffer_, at) < buffer_.size())
      throw FormatError(fmt::format("{}: ends before record {}", file_->path(), position));
  }
  return std::span(buffer_).subspan(static_cast<std::size_t>((position - first_) * record_bytes_),
                                    static_cast<std::size_t>(record_bytes_));
}

namespace {

/// Size of the window of the array that is assembled before it is written.
constexpr std::uint64_t kWindowBytes = 4 << 20;

class PartShare final : public WriteSession {
 public:
  PartShare(const WriterSlice& share, FilePerWriterVariant way, PhaseSeconds& phases)
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

  /// Renames at the end, so that the name always refers to a complete file even if a writer dies.
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

  /// A writer that died left no complete part; its records keep their previous content.
  void open_part(Parts& parts, std::uint64_t writer) const {
    if (share_.map->count(writer) == 0) return;
    PartReader reader;
    if (reader.open(share_.open_file, part_path_of(writer), part_map(*share_.map, writer)))
      parts[writer] = std::move(reader);
    else
      ++missing_;
  }

  /// As np.concatenate, but window by window: copies single records in memory, then writes once.
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

  WriterSlice share_;
  FilePerWriterVariant way_;
  std::string path_;
  std::unique_ptr<File> file_;
  std::uint64_t next_bytes_ = 0;
  mutable std::uint64_t missing_ = 0;
};

}  // namespace

std::string unfit_for_copying_runs(const ArrayMap& map) {
  for (std::uint64_t writer = 0; writer < map.writers(); ++writer)
    for (const StridedRun& run : map.runs(writer))
      if (run.records > 1 && run.step_bytes != map.record_bytes())
        return "copy_file_range moves what lies back to back: choose layout padded-block, or "
               "--ownership block";
  return "";
}

std::unique_ptr<WriteSession> open_file_per_writer(const WriterSlice& share, PhaseSeconds& phases,
                                                   FilePerWriterVariant way) {
  return std::make_unique<PartShare>(share, way, phases);
}

namespace {

constexpr std::uint64_t kCopyBytes = 1 << 20;

/// Opens an unlinked file, which disappears however the writer ends.
std::unique_ptr<File> open_local(const WriterSlice& share) {
  static std::atomic<std::uint64_t> number{0};
  const std::string dir = share.local_dir.empty() ? temporary_folder() : share.local_dir;
  const std::string path = fmt::format("{}/npyrace-local-{}-{}", dir, ::getpid(), number++);
  auto file = share.open_file(path, {.access = Access::read_write, .create_new = true});
  ::unlink(path.c_str());
  return file;
}

class CopiedShare final : public WriteSession {
 public:
  CopiedShare(const WriterSlice& share, PhaseSeconds& phases) : share_(share) {
    Stopwatch watch;
    local_ = open_local(share);
    file_ = share.open_file(share.path, {.access = Access::read_write});
    phases.open += watch.lap_seconds();
  }

  void write(const StridedRun& run, const std::byte* source) override {
    const auto bytes = static_cast<std::size_t>(run.records * share_.record_bytes);
    local_->write_at({source, bytes}, stored_bytes_);
    stored_bytes_ += bytes;
    runs_.push_back(run);
  }

  bool first_record_alone() const override { return false; }

  void sync() override {
    copy();
    file_->sync();
  }

  void close() override {
    copy();
    local_->close();
    file_->close();
  }

 private:
  /// Copies everything stored since the last call from the local file.
  void copy() {
    for (const StridedRun& run : runs_) copy_run(run);
    runs_.clear();
  }

  void copy_run(const StridedRun& run) {
    const std::uint64_t most = std::max<std::uint64_t>(1, kCopyBytes / share_.record_bytes);
    for (std::uint64_t done = 0; done < run.records; done += most) {
      const std::uint64_t records = std::min(most, run.records - done);
      piece_.resize(static_cast<std::size_t>(records * share_.record_bytes));
      if (local_->read_at(piece_, copied_bytes_) < piece_.size())
        throw FormatError(local_->path() + ": is shorter than what was stored in it");
      copied_bytes_ += piece_.size();
      write_piece({run.first_offset_bytes + done * run.step_bytes, run.step_bytes, records});
    }
  }

  void write_piece(const StridedRun& run) {
    if (run.step_bytes == share_.record_bytes)
      return file_->write_at(piece_, run.first_offset_bytes);
    const auto record_bytes = static_cast<std::size_t>(share_.record_bytes);
    for (std::uint64_t i = 0; i < run.records; ++i)
      file_->write_at(std::span(piece_).subspan(i * record_bytes, record_bytes),
                      run.first_offset_bytes + i * run.step_bytes);
  }

  WriterSlice share_;
  std::unique_ptr<File> local_;
  std::unique_ptr<File> file_;
  std::vector<StridedRun> runs_;  ///< stored, but not copied yet
  std::uint64_t stored_bytes_ = 0;
  std::uint64_t copied_bytes_ = 0;
  std::vector<std::byte> piece_;
};

}  // namespace

std::unique_ptr<WriteSession> open_local_then_copy(const WriterSlice& share, PhaseSeconds& phases) {
  return std::make_unique<CopiedShare>(share, phases);
}

}  // namespace npyrace
