#include "bench/create_race/creator.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <thread>
#include <vector>

#include "bench/semantics/hex.h"
#include "bench/stopwatch.h"

namespace npyrace {
namespace {

constexpr std::chrono::milliseconds kPause{1};

std::string words_of(const std::string& path) {
  return to_hex(std::as_bytes(std::span(path)));
}

}  // namespace

std::string Creator::step(const std::string& line) {
  request_.before_step();
  return ask(line);
}

bool Creator::exists() {
  return step("exists file " + words_of(request_.path)) == "yes";
}

void Creator::create() {
  step("create file " + words_of(request_.path));
}

bool Creator::create_new() {
  return step("create-new file " + words_of(request_.path)) == "yes";
}

void Creator::create_temporary() {
  if (step("create-new file " + words_of(request_.temporary_path)) != "yes")
    throw CreatorError("the name of the temporary file is taken");
}

void Creator::fill() {
  step("pwrite file 0 " + to_hex(request_.map.header()));
  step(fmt::format("allocate file {}", request_.map.file_bytes()));
  ask("fsync file");
}

void Creator::link_temporary() {
  step(fmt::format("link file {} {}", words_of(request_.temporary_path), words_of(request_.path)));
  ask("remove file " + words_of(request_.temporary_path));
}

void Creator::rename_temporary() {
  step(
      fmt::format("rename file {} {}", words_of(request_.temporary_path), words_of(request_.path)));
}

/// Asked of the file that is open.
bool Creator::is_whole() {
  const auto& header = request_.map.header();
  return ask("size file") == std::to_string(request_.map.file_bytes()) &&
         ask(fmt::format("pread file 0 {}", header.size())) == to_hex(header);
}

void Creator::open() {
  step("open-write file " + words_of(request_.path));
  if (!is_whole()) throw CreatorError("the file is there, but not whole yet");
}

void Creator::open_when_whole() {
  const std::int64_t limit_ns =
      monotonic_ns() + std::chrono::nanoseconds(request_.patience).count();
  request_.before_step();
  for (;;) {
    ask("open-write file " + words_of(request_.path));
    if (is_whole()) return;
    ask("close file");
    if (monotonic_ns() > limit_ns) throw CreatorError("the file did not become whole in time");
    request_.waits();
    std::this_thread::sleep_for(kPause);
  }
}

void Creator::write() {
  request_.before_step();
  std::vector<std::byte> record(static_cast<std::size_t>(request_.map.record_bytes()));
  for (std::uint64_t position = 0; position < request_.map.count(request_.writer); ++position) {
    const std::uint64_t element = request_.map.element(request_.writer, position);
    request_.stamper.fill(record, element, 1);
    ask(fmt::format("pwrite file {} {}", request_.map.record_offset_bytes(element),
                    to_hex(record)));
  }
  ask("fsync file");
  ask("close file");
}

}  // namespace npyrace
