#include "bench/race/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bench/storage/sidecar.h"
#include "core/base/error.h"
#include "core/os/channel.h"
#include "core/os/process.h"
#include "reports/json/result_fields.h"
#include "validators/classify.h"
#include "validators/read_path.h"

namespace npyrace {

static void describe(JsonFields& json, ReaderOrder& order) {
  json("array", order.array);
  json("stamp_seed", order.stamp_seed);
  json("path", order.path);
  json("read_path", order.read_path);
  json("view", order.view);
}

std::string to_text(const ReaderOrder& order) {
  return json_line(order, NotUtf8::refused);
}

ReaderOrder reader_order_from_text(const std::string& text) {
  return from_message<ReaderOrder>("reader's order", text);
}

std::string to_text(const ReadersResult& seen) {
  return json_line(seen, NotUtf8::replaced);
}

ReadersResult readers_result_from_text(const std::string& text) {
  return from_message<ReadersResult>("reader's answer", text);
}

namespace {

constexpr int kBroken = -1;

std::string words_for(unsigned generation) {
  return generation == 0 ? "zeros" : fmt::format("generation {}", generation);
}

bool is_zeros(std::span<const std::byte> record) {
  return std::ranges::all_of(record, [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

RecordWatch::RecordWatch(const ArrayMap& map, Stamper stamper, std::string view,
                         std::uint64_t most_watched)
    : map_(map),
      stamper_(stamper),
      view_(std::move(view)),
      step_(std::max<std::uint64_t>(1, (map.elements() + most_watched - 1) / most_watched)),
      last_(static_cast<std::size_t>((map.elements() + step_ - 1) / step_)) {}

void RecordWatch::look(std::uint64_t first_element, std::span<const std::byte> bytes) {
  const std::uint64_t elements = bytes.size() / map_.element_bytes();
  if (all_unchanged(first_element, bytes)) {
    seen_.records_read += elements;
    return;
  }
  for (std::uint64_t i = 0; i < elements; ++i) {
    const std::uint64_t element = first_element + i;
    if (element % step_ != 0 || !map_.is_record(element)) continue;
    const auto start = static_cast<std::size_t>(i * map_.element_bytes() + map_.lead_bytes());
    look_at_record(element, bytes.subspan(start, static_cast<std::size_t>(map_.record_bytes())));
  }
}

/// Fast check for records that have not changed.
bool RecordWatch::all_unchanged(std::uint64_t first_element,
                                std::span<const std::byte> bytes) const {
  const std::uint64_t elements = bytes.size() / map_.element_bytes();
  if (step_ != 1 || elements == 0) return false;
  if (map_.stretch_end(first_element) < first_element + elements) return false;
  if (!map_.is_record(first_element)) return false;
  const auto before = std::span(last_).subspan(static_cast<std::size_t>(first_element),
                                               static_cast<std::size_t>(elements));
  const std::uint8_t last = before.front();
  return last > 0 && std::ranges::all_of(before, [&](std::uint8_t b) { return b == last; }) &&
         stamper_.match_all(bytes.subspan(static_cast<std::size_t>(map_.lead_bytes())),
                            {.first_element = first_element,
                             .records = elements,
                             .record_bytes = map_.record_bytes(),
                             .step_bytes = map_.element_bytes()},
                            last);
}

void RecordWatch::look_at_record(std::uint64_t element, std::span<const std::byte> record) {
  ++seen_.records_read;
  std::uint8_t& last = last_[static_cast<std::size_t>(element / step_)];
  const int generation = whole_generation(element, record);
  if (generation == kBroken) {
    note_broken(element, record);
    return;
  }
  if (generation < last) {
    ++seen_.went_back;
    seen_.add_example(sighting("went_back", element, words_for(static_cast<unsigned>(generation))));
  }
  last = static_cast<std::uint8_t>(generation);
}

/// Tests the most likely generations first: the previous one and the one being written.
int RecordWatch::whole_generation(std::uint64_t element, std::span<const std::byte> record) const {
  const unsigned last = last_[static_cast<std::size_t>(element / step_)];
  const auto is = [&](unsigned generation) {
    return stamper_.matches(record, element, generation);
  };
  if (last > 0 && is(last)) return static_cast<int>(last);
  for (unsigned generation = newest_; generation >= 1; --generation)
    if (is(generation)) return static_cast<int>(generation);
  return is_zeros(record) ? 0 : kBroken;
}

void RecordWatch::note_broken(std::uint64_t element, std::span<const std::byte> record) {
  const Subject subject{.map = map_, .stamper = stamper_, .expectation = {.generation = newest_}};
  Classified classified = classify(subject, element, record);
  const bool torn = classified.anomaly == Anomaly::torn && classified.only_old;
  ++(torn ? seen_.torn : seen_.other);
  seen_.add_example(sighting(torn ? "torn" : "other", element, std::move(classified.found)));
}

Sighting RecordWatch::sighting(const char* kind, std::uint64_t element, std::string found) const {
  const std::uint64_t writer = map_.writer_of(element).value_or(0);
  return {.kind = kind,
          .record = element,
          .writer = writer,
          .found = std::move(found),
          .before = words_for(last_[static_cast<std::size_t>(element / step_)]),
          .view = view_};
}

ReadersResult RecordWatch::take() {
  return std::exchange(seen_, {});
}

namespace {

constexpr std::uint64_t kPieceBytes = 256 * 1024;

/// Reads a file repeatedly, piece by piece. Keeps the descriptor open but no mapping: a judge that
/// drops cached pages cannot drop mapped ones.
class LiveScan {
 public:
  LiveScan(const ReaderOrder& order, const FileOpener& open_file)
      : map_(order.array),
        watch_(map_, map_.stamper(order.stamp_seed), order.view),
        reader_(find_read_path(order.read_path).open(open_file, order.path)) {}

  RecordWatch& watch() { return watch_; }

  void read_piece() {
    const std::uint64_t elements =
        std::min(std::max<std::uint64_t>(1, kPieceBytes / map_.element_bytes()),
                 map_.elements() - next_element_);
    const std::uint64_t offset = map_.data_offset_bytes() + next_element_ * map_.element_bytes();
    watch_.look(next_element_,
                reader_->read(offset, static_cast<std::size_t>(elements * map_.element_bytes())));
    next_element_ += elements;
    if (next_element_ < map_.elements()) return;
    next_element_ = 0;
    watch_.count_scan();
  }

 private:
  ArrayMap map_;
  RecordWatch watch_;
  std::unique_ptr<Reader> reader_;
  std::uint64_t next_element_ = 0;
};

/// Reads until a line arrives. Returns it, or nothing at end of file.
std::optional<std::string> scan_until_message(LiveScan& scan, Channel& channel) {
  do scan.read_piece();
  while (!channel.has_news());
  return channel.receive();
}

/// Executes requests until end of file.
void serve(LiveScan& scan, Channel& channel) {
  const std::string go = "go ";
  auto line = channel.receive();
  while (line) {
    if (line->starts_with(go)) {
      scan.watch().set_newest(static_cast<unsigned>(std::stoul(line->substr(go.size()))));
      line = scan_until_message(scan, channel);
      continue;
    }
    if (!channel.send(to_text(scan.watch().take()))) return;
    line = channel.receive();
  }
}

/// A reader that cannot continue still answers, with its error message.
void write_output(const std::string& problem, Channel& channel) {
  const std::string answer = to_text(ReadersResult{.problems = {problem}});
  while (const auto line = channel.receive())
    if (*line == "pause" && !channel.send(answer)) return;
}

}  // namespace

ExitCode read_live(const ReaderRequest& request, const FileOpener& open_file) {
  die_with_parent(request.parent);
  Channel channel(request.socket);
  const auto order = channel.receive();
  if (!order) return ExitCode::fine;
  try {
    LiveScan scan(reader_order_from_text(*order), open_file);
    serve(scan, channel);
  } catch (const std::exception& error) {
    write_output(std::string("a reader: ") + error.what(), channel);
  }
  return ExitCode::fine;
}

}  // namespace npyrace
