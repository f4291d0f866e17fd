#include "bench/readers/reader.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "bench/lab/channel.h"
#include "bench/launchers/die_with_parent.h"
#include "bench/readers/reader_text.h"
#include "bench/readers/record_watch.h"
#include "core/error.h"
#include "validators/read_path.h"

namespace npyrace {
namespace {

constexpr std::uint64_t kPieceBytes = 256 * 1024;

/// One file read piece by piece, over and over. The descriptor stays open, mappings do not: a judge
/// that drops cached pages cannot drop mapped ones.
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

/// Reads until the next line comes. Returns it, or nothing when nobody is there any more.
std::optional<std::string> scan_until_told(LiveScan& scan, lab::Channel& channel) {
  do scan.read_piece();
  while (!channel.has_news());
  return channel.receive();
}

/// Does as it is told; returns when nobody is there.
void serve(LiveScan& scan, lab::Channel& channel) {
  const std::string go = "go ";
  auto line = channel.receive();
  while (line) {
    if (line->starts_with(go)) {
      scan.watch().set_newest(static_cast<unsigned>(std::stoul(line->substr(go.size()))));
      line = scan_until_told(scan, channel);
      continue;
    }
    if (!channel.send(to_text(scan.watch().take()))) return;
    line = channel.receive();
  }
}

/// A reader that cannot go on still answers: what it could not do.
void answer_with(const std::string& problem, lab::Channel& channel) {
  const std::string answer = to_text(ReadersResult{.problems = {problem}});
  while (const auto line = channel.receive())
    if (*line == "pause" && !channel.send(answer)) return;
}

}  // namespace

ExitCode read_live(const ReaderRequest& request, const FileOpener& open_file) {
  die_with_parent(request.parent);
  lab::Channel channel(request.socket);
  const auto order = channel.receive();
  if (!order) return ExitCode::fine;
  try {
    LiveScan scan(reader_order_from_text(*order), open_file);
    serve(scan, channel);
  } catch (const std::exception& error) {
    answer_with(std::string("a reader: ") + error.what(), channel);
  }
  return ExitCode::fine;
}

}  // namespace npyrace
