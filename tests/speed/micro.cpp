// npyrace_micro: Google Benchmarks of the code that runs once per record, header or result. They
// need no file. tests/speed/micro.py compares them with the kept ones.

#include <benchmark/benchmark.h>

#include <cstring>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "core/array/array_map.h"
#include "core/npy/npy_header.h"
#include "reports/json/json_report.h"
#include "reports/json/json_result.h"
#include "tests/bytes_file.h"
#include "tests/test_result.h"
#include "validators/classify.h"
#include "validators/validator.h"

namespace npyrace {
namespace {

/// Fits in a processor's second cache, as a piece of a scan does.
constexpr std::uint64_t kPieceBytes = 256 << 10;
constexpr unsigned kGeneration = 5;

using Bytes = std::vector<std::byte>;

/// An array of one piece, with every record right.
struct Piled {
  explicit Piled(const ArrayRequest& request, unsigned generation = kGeneration)
      : map(request), subject{map, map.stamper(7), {.generation = kGeneration}} {
    bytes.resize(static_cast<std::size_t>(map.elements() * map.element_bytes()));
    for (std::uint64_t element = 0; element < map.elements(); ++element)
      if (map.is_record(element)) subject.stamper.fill(record(element), element, generation);
  }

  std::span<std::byte> record(std::uint64_t element) {
    return std::span(bytes).subspan(
        static_cast<std::size_t>(map.record_offset_bytes(element) - map.data_offset_bytes()),
        static_cast<std::size_t>(map.record_bytes()));
  }
  /// All records; requires one layout without elements between them.
  RecordRow row() const { return {0, map.records(), map.record_bytes(), map.element_bytes()}; }

  ArrayMap map;
  Subject subject;
  Bytes bytes;
};

struct Form {
  const char* name;
  const char* descr;
  std::uint64_t record_bytes;
  std::vector<std::uint64_t> row_shape = {};
  const char* layout = "packed";
  unsigned stamp_version = kStampVersion;

  ArrayRequest request() const {
    const bool padded = std::string(layout) != "packed";
    return {.descr = descr,
            .row_shape = row_shape,
            .records = kPieceBytes / (padded ? 4096 : record_bytes),
            .layout = layout,
            .stamp_version = stamp_version};
  }
};

const Form kForms[] = {
    {"V8", "|V8", 8},
    {"V12", "|V12", 12},
    {"V16", "|V16", 16},
    {"V16 of version 1", "|V16", 16, {}, "packed", kOldestStampVersion},
    {"V16 padded", "|V16", 16, {}, "padded-record"},
    {"rows of int64", "<i8", 8000, {1000}},
    {"rows of float64", "<f8", 8000, {1000}},
    {"rows of float32", "<f4", 8000, {2000}},
    {"rows of float16", "<f2", 8000, {4000}},
    {"structure", "[('time', '<i8'), ('value', '<f4'), ('kind', 'S4')]", 16},
};

using Work = std::function<void()>;

void add(const std::string& name, std::uint64_t bytes, const Work& work) {
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    for ([[maybe_unused]] auto _ : state) work();
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
  });
}

void add_reference() {
  add("reference/memcpy", kPieceBytes,
      [from = Bytes(kPieceBytes), to = Bytes(kPieceBytes)]() mutable {
        std::memcpy(to.data(), from.data(), from.size());
        benchmark::DoNotOptimize(to.data());
        benchmark::ClobberMemory();
      });
}

void add_stamps() {
  for (const Form& form : kForms) {
    const auto piled = std::make_shared<Piled>(form.request());
    const std::uint64_t bytes = piled->map.records() * piled->map.record_bytes();
    add(std::string("stamps/fill ") + form.name, bytes, [piled] {
      piled->subject.stamper.fill_all(piled->bytes, piled->row(), kGeneration);
      benchmark::ClobberMemory();
    });
    add(std::string("stamps/match ") + form.name, bytes, [piled] {
      benchmark::DoNotOptimize(
          piled->subject.stamper.match_all(piled->bytes, piled->row(), kGeneration));
    });
  }
}

/// A whole piece through the validators that check it: all records right, or all of an older
/// generation.
void add_checks() {
  for (const unsigned generation : {kGeneration, kGeneration - 1}) {
    const auto piled = std::make_shared<Piled>(kForms[2].request(), generation);
    const bool right = generation == kGeneration;
    add(right ? "check/all right" : "check/all lost", kPieceBytes, [piled] {
      const Piece piece{.offset_bytes = piled->map.data_offset_bytes(),
                        .elements = piled->map.elements(),
                        .judged = {.view = "memory", .bytes = piled->bytes}};
      Findings findings;
      for (const ValidatorRow& row : validator_table()) row.check(piled->subject, piece, findings);
      benchmark::DoNotOptimize(findings.records_checked);
    });
  }
}

void add_classification() {
  const auto piled = std::make_shared<Piled>(ArrayRequest{.descr = "|V24", .records = 1000});
  const auto add_record = [&](const char* name, Bytes record) {
    add(std::string("classify/") + name, record.size(), [piled, record] {
      benchmark::DoNotOptimize(classify(piled->subject, 17, record).anomaly);
    });
  };
  Bytes old(24), other(24);
  piled->subject.stamper.fill(old, 17, 2);
  piled->subject.stamper.fill(other, 18, kGeneration);
  Bytes torn(old);
  piled->subject.stamper.fill(torn, 17, kGeneration);
  std::copy(old.begin(), old.begin() + 8, torn.begin());
  add_record("older generation", old);
  add_record("two generations", torn);
  add_record("another record", other);
  add_record("zeros", Bytes(24));
  add_record("noise", Bytes(24, std::byte{0xa5}));
}

std::string header_of(const std::string& descr) {
  const auto bytes = encode_header({.dtype = dtype_from_text(descr), .shape = {1000, 1000}});
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void add_headers() {
  for (const auto& [name, descr] :
       {std::pair("plain", "'<f8'"), std::pair("structure", kForms[std::size(kForms) - 1].descr)}) {
    const auto file = std::make_shared<testing::BytesFile>(header_of(descr));
    add(std::string("header/read ") + name, file->size_bytes(),
        [file] { benchmark::DoNotOptimize(read_header(*file).shape.size()); });
    add(std::string("header/write ") + name, file->size_bytes(),
        [descr = std::string(descr)] { benchmark::DoNotOptimize(header_of(descr).size()); });
  }
}

void add_json() {
  const auto result = std::make_shared<RunResult>(full_test_result());
  for (int i = 0; i < 20; ++i) result->cells.push_back(result->cells.front());
  const std::string text = json_report(*result);
  add("json/write", text.size(),
      [result] { benchmark::DoNotOptimize(json_report(*result).size()); });
  add("json/read", text.size(),
      [text] { benchmark::DoNotOptimize(parse_result(text).cells.size()); });
}

}  // namespace
}  // namespace npyrace

int main(int argc, char** argv) {
  npyrace::add_reference();
  npyrace::add_stamps();
  npyrace::add_checks();
  npyrace::add_classification();
  npyrace::add_headers();
  npyrace::add_json();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
#ifdef __OPTIMIZE__
  benchmark::AddCustomContext("optimized", "yes");
#endif
  benchmark::RunSpecifiedBenchmarks();
}
