#include "bench/experiments/creator.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <thread>
#include <vector>

#include "bench/experiments/file_agent.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

constexpr std::chrono::milliseconds kGatePause{1};

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

/// Checks the file that is open.
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
    std::this_thread::sleep_for(kGatePause);
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

void CreateTally::add(const CreateOutcome& outcome) {
  if (!outcome.problem.empty()) {
    problem_ = outcome.problem;
    refused_ = outcome.refused;
    return;
  }
  ++tries_;
  acknowledged_ += outcome.acknowledged;
  lost_ += outcome.lost;
  gave_up_ += outcome.errors.size();
  tries_with_loss_ += outcome.lost > 0;
  if (outcome.lost > 0)
    losses_.push_back(fmt::format("{}: {} of {} acknowledged records are gone", outcome.order,
                                  outcome.lost, outcome.acknowledged));
  for (const std::string& error : outcome.errors) errors_.push_back(outcome.order + ": " + error);
}

// Losses take precedence over later problems.
ExperimentResult CreateTally::result() const {
  ExperimentResult result{.scenario = "create-race",
                          .name = name_,
                          .counts = {{"tries", tries_},
                                     {"tries_with_loss", tries_with_loss_},
                                     {"acknowledged", acknowledged_},
                                     {"lost", lost_},
                                     {"gave_up", gave_up_}}};
  for (const std::string& loss : losses_) result.add_example(loss);
  for (const std::string& error : errors_) result.add_example(error);
  if (lost_ > 0) {
    result.verdict = Verdict::unsafe;
    result.reason = fmt::format(
        "{} records that writers had acknowledged were gone, in {} of {} "
        "tries",
        lost_, tries_with_loss_, tries_);
  } else if (!problem_.empty() || tries_ == 0) {
    result.verdict = refused_ ? Verdict::skipped : Verdict::failed;
    result.reason = problem_.empty() ? "nothing was tried" : problem_;
  } else if (gave_up_ > 0) {
    result.verdict = Verdict::inconclusive;
    result.reason = fmt::format(
        "nothing acknowledged was lost, but {} writers could not write and got an error", gave_up_);
  } else {
    result.verdict = Verdict::safe;
    result.reason = fmt::format("nothing acknowledged was lost in {} tries {}", tries_, between_);
  }
  return result;
}

namespace {

void write_plus(Creator& creator) {
  creator.create();
  creator.fill();
  creator.write();
}

void check_then_create(Creator& creator) {
  if (creator.exists()) {
    creator.open();
  } else {
    creator.create();
    creator.fill();
  }
  creator.write();
}

void exclusive(Creator& creator) {
  if (creator.create_new())
    creator.fill();
  else
    creator.open();
  creator.write();
}

void exclusive_wait(Creator& creator) {
  if (creator.create_new())
    creator.fill();
  else
    creator.open_when_whole();
  creator.write();
}

void temporary_link(Creator& creator) {
  creator.create_temporary();
  creator.fill();
  creator.link_temporary();
  creator.open();
  creator.write();
}

void temporary_rename(Creator& creator) {
  if (!creator.exists()) {
    creator.create_temporary();
    creator.fill();
    creator.rename_temporary();
  }
  creator.open();
  creator.write();
}

constexpr CreateVariant kVariants[] = {
    {"w+", "all writers open with mode w+ (O_CREAT | O_TRUNC)", write_plus},
    {"check-then-create", "a writer that sees no file opens with w+, the others with r+",
     check_then_create},
    {"exclusive", "O_EXCL; the second writer opens with r+ at once", exclusive},
    {"exclusive-wait", "O_EXCL; the second writer waits until the file is complete",
     exclusive_wait},
    {"temporary-link", "a complete temporary file gets the name by link(2), and all open it",
     temporary_link},
    {"temporary-rename", "a writer that sees no file makes a temporary one and renames it",
     temporary_rename},
};

}  // namespace

std::span<const CreateVariant> way_table() {
  return kVariants;
}

}  // namespace npyrace
