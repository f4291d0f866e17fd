#include "tests/fuzz/targets.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <typeinfo>
#include <vector>

#include "bench/compare/gate.h"
#include "bench/compare/measurements.h"
#include "bench/lab/latency.h"
#include "bench/lab/plan.h"
#include "bench/launchers/jobs_evidence.h"
#include "bench/plan/scenario.h"
#include "bench/race/reader.h"
#include "bench/remote/rank_words.h"
#include "bench/storage/sidecar.h"
#include "bench/watch/accesses.h"
#include "bench/watch/hazards.h"
#include "bench/watch/process_log.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/npy/npy_header.h"
#include "reports/json/json_fields.h"
#include "reports/json/json_report.h"
#include "reports/json/json_result.h"
#include "reports/json/watch_fields.h"
#include "reports/reporter.h"
#include "tests/bytes_file.h"
#include "tests/temporary_folder.h"

namespace npyrace::fuzz {
namespace {

using testing::BytesFile;

[[noreturn]] void found(const std::string& fault) {
  std::fprintf(stderr, "FOUND: %s\n", fault.c_str());
  std::abort();
}

/// An answer may be the error of another process, which becomes this exception.
enum class Trouble { refused, thrown };

/// Reads, and lets the reader refuse the input by one of npyrace's own errors.
template <typename Read>
void tolerate(Read read, Trouble trouble = Trouble::refused) {
  try {
    read();
  } catch (const UsageError&) {
  } catch (const FormatError&) {
  } catch (const SystemError&) {
  } catch (const LiteralError&) {
  } catch (const DtypeError&) {
  } catch (const std::exception& error) {
    if (trouble == Trouble::thrown && typeid(error) == typeid(std::runtime_error)) return;
    found(std::string(typeid(error).name()) + ": " + error.what());
  }
}

/// What follows from an input that was read must not fail.
template <typename Work>
void must_work(Work work) {
  try {
    work();
  } catch (const std::exception& error) {
    found(std::string("failed after reading: ") + error.what());
  }
}

void require_same(const std::string& once, const std::string& twice) {
  if (once != twice) found("written, read and written again:\n" + once + "\n" + twice);
}

template <typename Read>
void read_and_write(const std::string& bytes, Read read, Trouble trouble = Trouble::refused) {
  tolerate(
      [&] {
        const std::string once = to_text(read(bytes));
        must_work([&] { require_same(once, to_text(read(once))); });
      },
      trouble);
}

/// The path of a file that holds these bytes until the next call with that name.
std::string file_of(const std::string& name, const std::string& bytes) {
  static const testing::TemporaryFolder folder;
  const std::string path = folder.file(name);
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// NPY headers.

/// Inputs that begin with the byte 1, 2 or 3 are the text of a header of that version: a length
/// that fits no longer would hide most changes. tests/numpy/test_corpus.py does the same.
std::string whole_header(const std::string& input) {
  const char version = input.empty() ? '\0' : input[0];
  if (version < 1 || version > 3) return input;
  const std::string text = input.substr(1);
  std::string header = std::string("\x93NUMPY") + version + '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    header += static_cast<char>(text.size() >> (8 * i));
  return header + text;
}

void read_npy_header(const std::string& bytes) {
  tolerate([&] {
    BytesFile file(whole_header(bytes));
    const NpyHeader header = read_header(file);
    const auto encoded = encode_header(
        {.dtype = header.dtype, .fortran_order = header.fortran_order, .shape = header.shape});
    must_work([&] {
      BytesFile again({reinterpret_cast<const char*>(encoded.data()), encoded.size()});
      const NpyHeader read = read_header(again);
      if (!(read.dtype == header.dtype) || read.fortran_order != header.fortran_order ||
          read.shape != header.shape)
        found("a header differs after it was written: " + descr_text(header.dtype));
    });
  });
}

bool has_repr(const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::integer:
      return literal.integer.has_value();
    case Literal::Kind::tuple:
    case Literal::Kind::list:
      return std::ranges::all_of(literal.items, has_repr);
    case Literal::Kind::none:
    case Literal::Kind::boolean:
    case Literal::Kind::text:
      return true;
    default:
      return false;
  }
}

void read_literal(const std::string& bytes) {
  tolerate([&] { parse_literal(bytes, PythonDialect::python2_longs); });
  tolerate([&] {
    const Literal literal = parse_literal(bytes);
    if (!has_repr(literal)) return;
    const std::string once = python_repr(literal);
    must_work([&] { require_same(once, python_repr(parse_literal(once))); });
  });
}

void read_dtype(const std::string& bytes) {
  tolerate([&] {
    const Dtype dtype = dtype_from_text(bytes);
    must_work([&] {
      const std::string descr = descr_text(dtype);
      if (!(dtype_from_descr(parse_literal(descr)) == dtype))
        found("a data type differs after it was written: " + descr);
    });
  });
}

// Results.

void read_result(const std::string& bytes) {
  tolerate([&] {
    if (is_watch_json(bytes)) {
      const std::string once = watch_json(parse_watch_result(bytes));
      must_work([&] { require_same(once, watch_json(parse_watch_result(once))); });
      return;
    }
    const std::string once = json_report(parse_result(bytes));
    must_work([&] { require_same(once, json_report(parse_result(once))); });
  });
}

/// All that is made of results, also of Google Benchmark's.
void report_result(const std::string& bytes) {
  tolerate([&] {
    const Measurements run = read_measurements(file_of("result.json", bytes));
    gate({.base = {run}, .candidate = {run}}, {});
  });
  tolerate([&] {
    if (is_watch_json(bytes)) {
      const WatchResult result = parse_watch_result(bytes);
      for (const ReporterRow& row : reporter_table())
        if (row.watch != nullptr) must_work([&] { row.watch(result); });
      return;
    }
    const RunResult result = parse_result(bytes);
    for (const ReporterRow& row : reporter_table())
      must_work([&] { row.report(result, {.colour = true}); });
  });
}

// Files of users, and files beside an array.

void read_scenario_file(const std::string& bytes) {
  const auto read = [](const std::string& text) {
    return scenarios_json({read_scenario(file_of("scenario.json", text))});
  };
  tolerate([&] {
    const std::string once = read(bytes);
    must_work([&] { require_same(once, read(nlohmann::ordered_json::parse(once)[0].dump())); });
  });
}

void read_sidecar_file(const std::string& bytes) {
  const auto read = [](const std::string& text) {
    const std::string path = file_of("a.npy.npyrace.json", text);
    const std::string array = path.substr(0, path.size() - std::strlen(".npyrace.json"));
    write_sidecar(array, read_sidecar(array).value());
    return content_of(path);
  };
  tolerate([&] {
    const std::string once = read(bytes);
    must_work([&] { require_same(once, read(once)); });
  });
}

/// Records and claims of several jobs, separated by NUL, and the evidence that follows from them.
void read_job_records(const std::string& bytes) {
  const auto read = [](const std::string& text) {
    return read_job_record(file_of("worker-0000.json", text)).value();
  };
  JobsSeen seen;
  unsigned generation = 0;
  for (const std::string& text : split(bytes, '\0')) {
    auto& attempt = seen.unfinished.emplace_back();
    auto& record = seen.records.emplace_back();
    tolerate([&] { attempt = read_job_attempt(file_of("worker-0000.claim", text)); });
    tolerate([&] { record = read(text); });
    must_work([&] {
      if (attempt) to_text(*attempt);
      if (!record) return;
      const std::string once = to_text(*record);
      require_same(once, to_text(read(once)));
      generation = record->attempt.generation;
    });
  }
  must_work([&] {
    summary_of(seen, generation);
    expectation_of({.array = {.writers = seen.records.size()}}, seen);
    if (std::ranges::any_of(seen.records, [](const auto& record) { return record.has_value(); }))
      evidence_of(seen, generation);
  });
}

// Messages between processes.

template <auto decode, Trouble trouble>
void read_message(const std::string& text) {
  read_and_write(text, decode, trouble);
}

void read_scan(const std::string& text) {
  tolerate(
      [&] {
        const RemoteScan scan = remote_scan_from_text(text);
        const ArrayMap map(scan.array);
        const Subject subject{
            .map = map, .stamper = map.stamper(scan.stamp_seed), .expectation = scan.expectation};
        const std::string once = to_text(ScanRequest{.subject = subject,
                                                     .judge = scan.judge,
                                                     .views = scan.views,
                                                     .part = scan.part,
                                                     .parts = scan.parts});
        must_work([&] { remote_scan_from_text(once); });
      },
      Trouble::thrown);
}

/// The first byte chooses the kind of message.
void read_any_message(const std::string& bytes) {
  constexpr void (*kMessages[])(const std::string&) = {
      read_message<race_order_from_text, Trouble::refused>,
      read_message<reader_order_from_text, Trouble::refused>,
      read_message<readers_result_from_text, Trouble::refused>,
      read_message<rank_order_from_text, Trouble::thrown>,
      read_message<rank_place_from_text, Trouble::thrown>,
      read_message<rank_report_from_text, Trouble::thrown>,
      read_message<findings_from_text, Trouble::thrown>,
      read_scan,
  };
  if (bytes.empty()) return;
  const auto kind = static_cast<unsigned char>(bytes[0]) % std::size(kMessages);
  kMessages[kind](bytes.substr(1));
}

// The lab.

void read_lab_order(const std::string& bytes) {
  read_and_write(bytes, lab_order_from_text);
  tolerate([&] { lab::Latency(bytes, 4); });
  const auto read_again = [](const lab::FaultSpec& fault) {
    const std::string once = json_line(fault, NotUtf8::refused);
    must_work([&] {
      const auto again = lab::fault_from_json(nlohmann::json::parse(once));
      require_same(once, json_line(again, NotUtf8::refused));
    });
  };
  tolerate([&] { read_again(lab::parse_fault(bytes)); });
  tolerate([&] {
    for (const auto& fault : lab::read_fault_file(file_of("faults.json", bytes)).faults)
      read_again(fault);
  });
}

// Logs of watched processes.

/// Writes a log from `bytes`, which hold its header and entries without the room between the
/// tables. Returns the number of bytes that it used.
std::size_t spread_log(std::string_view bytes, const std::string& path) {
  watch::Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  std::size_t used = 0;
  const auto put = [&](std::uint64_t offset_bytes, std::size_t size) {
    size = std::min(size, bytes.size() - used);
    if (::pwrite(file, bytes.data() + used, size, static_cast<off_t>(offset_bytes)) < 0)
      std::abort();
    used += size;
  };
  // A log of another version may be shorter.
  const bool whole = (header.magic & 1) == (watch::kMagic & 1);
  if (::ftruncate(file, static_cast<off_t>(whole ? watch::kLogBytes : watch::kMapsAt)) != 0)
    std::abort();
  put(0, sizeof header);
  const auto entries = [](std::uint64_t count, std::uint32_t most, std::size_t size) {
    return static_cast<std::size_t>(std::min<std::uint64_t>(count, most)) * size;
  };
  put(watch::kFilesAt, entries(header.files, watch::kMostFiles, sizeof(watch::File)));
  put(watch::kSessionsAt, entries(header.sessions, watch::kMostSessions, sizeof(watch::Session)));
  put(watch::kMapsAt, entries(header.maps, watch::kMostMaps, sizeof(watch::Map)));
  put(watch::kNotesAt, entries(header.notes, watch::kMostNotes, sizeof(watch::Note)));
  const bool second = (header.ranges & watch::kAreaBit) != 0;
  put(watch::kRangesAt + (second ? watch::kAreaBytes : 0),
      entries(header.ranges & ~watch::kAreaBit, watch::kMostRanges, sizeof(watch::Range)));
  ::close(file);
  return used;
}

/// Up to four logs, one after the other, and the hazards between their processes.
void read_watch_logs(const std::string& bytes) {
  static const testing::TemporaryFolder folder;
  std::string_view rest = bytes;
  for (int log = 0; log < 4; ++log) {
    const std::string path = folder.file(std::to_string(log) + watch::kLogSuffix);
    if (rest.size() >= sizeof(watch::Header))
      rest.remove_prefix(spread_log(rest, path));
    else
      std::filesystem::remove(path);
  }
  std::ofstream(folder.file(std::string("x") + watch::kNoteSuffix), std::ios::binary) << rest;
  must_work([&] {
    const watch::ProcessLogs logs = watch::read_process_logs(folder.path());
    for (watch::AccessedFile& file : watch::accesses_by_file(logs.logs))
      watch::find_hazards(file, {.unit_bytes = 1 << 20});
  });
}

constexpr Target kTargets[] = {
    {"header", "NPY headers: core/npy", read_npy_header},
    {"literal", "Python literals: core/npy", read_literal},
    {"dtype", "data types, as typed and in headers: core/npy", read_dtype},
    {"result", "results of run, verify and watch: reports/json", read_result},
    {"reports", "every report and gate of such a result: reports, bench/compare", report_result},
    {"scenario", "scenario files: bench/plan", read_scenario_file},
    {"sidecar", "sidecars: bench/storage", read_sidecar_file},
    {"job", "job records and claims, and their evidence: bench/launchers", read_job_records},
    {"message", "messages of writers, readers and ranks", read_any_message},
    {"lab", "orders, faults and latencies of a lab: bench/lab", read_lab_order},
    {"watch", "logs and notes of watched processes: bench/watch", read_watch_logs},
};

}  // namespace

std::span<const Target> targets() {
  return kTargets;
}

}  // namespace npyrace::fuzz
