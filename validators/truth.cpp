#include "validators/truth.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "core/base/checked.h"
#include "validators/classify.h"
#include "validators/validator.h"

namespace npyrace {
namespace {

using Bytes = std::span<const std::byte>;

bool same(Bytes a, Bytes b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Hex digits of the first few bytes from `first`.
std::string hex_from(Bytes bytes, std::size_t first) {
  constexpr std::size_t kMost = 8;
  const std::size_t count = std::min(kMost, bytes.size() - first);
  std::string text = fmt::format("bytes {}..", first);
  for (const std::byte byte : bytes.subspan(first, count))
    text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

class TruthScanner {
 public:
  explicit TruthScanner(const TruthScan& scan) : scan_(scan), map_(scan.map) {}

  Findings run() {
    const auto file = scan_.open_file(scan_.judge.path, {});
    const std::uint64_t file_bytes = file->size_bytes();
    file->close();
    check_header(file_bytes);
    constexpr std::uint64_t kTruthPieceBytes = 4 << 20;
    const std::uint64_t step = std::max<std::uint64_t>(1, kTruthPieceBytes / map_.element_bytes());
    for (std::uint64_t first = 0; first < map_.elements(); first += step) {
      if (scan_.cancelled()) throw ScanCancelled();
      check_elements(first, std::min(step, map_.elements() - first));
    }
    return std::move(findings_);
  }

 private:
  Bytes part(const std::vector<std::byte>& whole, std::uint64_t element,
             std::uint64_t count = 1) const {
    return Bytes(whole).subspan(as_size(map_.data_offset_bytes() + element * map_.element_bytes()),
                                as_size(count * map_.element_bytes()));
  }

  void check_header(std::uint64_t file_bytes) {
    const auto size_bytes = as_size(map_.data_offset_bytes());
    const Bytes found = reader_->read(0, size_bytes);
    const Bytes right = Bytes(scan_.truth.after).first(size_bytes);
    const auto [wrong, wanted] = std::ranges::mismatch(found, right);
    if (wrong != found.end())
      add({.anomaly = Anomaly::header,
           .offset_bytes = static_cast<std::uint64_t>(wrong - found.begin()),
           .expected = fmt::format("byte {:#04x}", std::to_integer<unsigned>(*wanted)),
           .found = fmt::format("byte {:#04x}", std::to_integer<unsigned>(*wrong)),
           .region = Region::header});
    if (file_bytes > scan_.truth.after.size())
      add({.anomaly = Anomaly::padding,
           .offset_bytes = scan_.truth.after.size(),
           .expected = "the end of the file",
           .found = fmt::format("{} bytes more", file_bytes - scan_.truth.after.size()),
           .region = Region::file_end});
  }

  void check_elements(std::uint64_t first, std::uint64_t count) {
    const auto size_bytes = as_size(count * map_.element_bytes());
    const Bytes found =
        reader_->read(map_.data_offset_bytes() + first * map_.element_bytes(), size_bytes);
    findings_.records_checked += count;
    if (same(found, part(scan_.truth.after, first, count))) return;
    const auto element_bytes = as_size(map_.element_bytes());
    for (std::uint64_t i = 0; i < count; ++i) {
      const Bytes element = found.subspan(as_size(i) * element_bytes, element_bytes);
      if (!same(element, part(scan_.truth.after, first + i))) judge(first + i, element);
    }
  }

  void judge(std::uint64_t element, Bytes found) {
    const auto writer = map_.writer_of(element);
    const bool may_be_old =
        writer && !scan_.unacknowledged.empty() && scan_.unacknowledged[as_size(*writer)];
    if (may_be_old && of_both(element, found)) {
      ++findings_.unwritten;
      return;
    }
    findings_.add_damaged(element);
    ++findings_.damaged_tiles[map_.record_offset_bytes(element) / tile_bytes(map_.file_bytes())];
    const Bytes right = part(scan_.truth.after, element);
    const auto first =
        static_cast<std::size_t>(std::ranges::mismatch(found, right).in1 - found.begin());
    const auto [anomaly, words] = classify(element, found, first);
    add({.anomaly = anomaly,
         .record = element,
         .offset_bytes = map_.record_offset_bytes(element) + first,
         .writer = writer.value_or(0),
         .expected = hex_from(right, first),
         .found = words,
         .damage = differing_bytes(found, right, map_.record_offset_bytes(element))});
  }

  std::pair<Anomaly, std::string> classify(std::uint64_t element, Bytes found, std::size_t first) {
    if (all_zero(found)) return {Anomaly::hole, "zeros"};
    if (same(found, part(scan_.truth.before, element)))
      return {Anomaly::lost, "what was there before"};
    if (!scan_.truth.shared.empty() && scan_.truth.shared[as_size(element)])
      return {Anomaly::lost, hex_from(found, first) + ", which lacks a writer's update"};
    if (of_both(element, found)) return {Anomaly::torn, "bytes of before and after"};
    if (const auto other = home_of(found))
      return {Anomaly::misplaced, fmt::format("the content of record {}", *other)};
    return {Anomaly::corrupt, hex_from(found, first)};
  }

  bool of_both(std::uint64_t element, Bytes found) const {
    const Bytes before = part(scan_.truth.before, element);
    const Bytes after = part(scan_.truth.after, element);
    for (std::size_t i = 0; i < found.size(); ++i)
      if (found[i] != before[i] && found[i] != after[i]) return false;
    return true;
  }

  /// The element whose expected content this is; nothing if several elements have it.
  std::optional<std::uint64_t> home_of(Bytes content) {
    constexpr std::uint64_t kSeveral = ~std::uint64_t{0};
    if (homes_.empty())
      for (std::uint64_t element = 0; element < map_.elements(); ++element) {
        const auto [place, fresh] =
            homes_.emplace(text_of(part(scan_.truth.after, element)), element);
        if (!fresh) place->second = kSeveral;
      }
    const auto home = homes_.find(text_of(content));
    if (home == homes_.end() || home->second == kSeveral) return std::nullopt;
    return home->second;
  }

  void add(Example example) {
    constexpr std::size_t kMostWriters = 16;
    const std::uint64_t unit_bytes = map_.request().align_bytes;
    example.view = scan_.judge.label;
    example.unit = example.offset_bytes / unit_bytes;
    example.unit_writers = map_.writers_in(example.unit * unit_bytes, unit_bytes, kMostWriters);
    findings_.add(std::move(example));
  }

  const TruthScan& scan_;
  const ArrayMap& map_;
  std::unique_ptr<Reader> reader_ = scan_.judge.read_path->open(scan_.open_file, scan_.judge.path);
  std::unordered_map<std::string_view, std::uint64_t> homes_;
  Findings findings_;
};

}  // namespace

std::vector<std::uint64_t> changed_elements(const ArrayMap& map, std::span<const std::byte> before,
                                            std::span<const std::byte> after) {
  std::vector<std::uint64_t> changed;
  const auto element_bytes = as_size(map.element_bytes());
  for (std::uint64_t element = 0; element < map.elements(); ++element) {
    const auto offset = as_size(map.data_offset_bytes()) + as_size(element) * element_bytes;
    if (!same(before.subspan(offset, element_bytes), after.subspan(offset, element_bytes)))
      changed.push_back(element);
  }
  return changed;
}

Findings compare_with_truth(const TruthScan& scan) {
  return TruthScanner(scan).run();
}

}  // namespace npyrace
