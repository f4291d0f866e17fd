#include "bench/experiments/probe_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "bench/experiments/file_agent.h"
#include "bench/experiments/semantics.h"
#include "bench/remote/coordinator.h"
#include "core/array/array_map.h"
#include "core/file/posix_file.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

constexpr std::size_t kFewestAgents = 2;

/// The number of nodes is the number of page caches.
const char* between(std::size_t caches) {
  return caches > 1 ? "mounts" : "processes";
}

void add(Testbed& testbed, std::unique_ptr<FileAgent> agent, Node node) {
  node.agent = agent.get();
  testbed.agents.push_back(std::move(agent));
  testbed.nodes.push_back(std::move(node));
}

Testbed stage_on_mounts(const SemanticsPlan& plan) {
  std::set<std::uint64_t> caches;
  for (const Mount& mount : plan.mounts) caches.insert(mount.cache);
  Testbed testbed{.between = between(caches.size())};
  const char* kind = plan.mounts.size() == 1 ? "process" : "mount";
  const std::size_t agents = std::max(plan.mounts.size(), kFewestAgents);
  for (std::size_t i = 0; i < agents; ++i) {
    const std::string& dir = plan.mounts[i % plan.mounts.size()].description.dir;
    add(testbed, std::make_unique<LocalAgent>(dir, plan.patience),
        {.dir = dir, .dir_here = dir, .name = fmt::format("{} {}", kind, i + 1)});
  }
  return testbed;
}

/// Rank 0 runs the experiment, so its agent is a separate process.
std::unique_ptr<FileAgent> agent_at(Coordinator& coordinator, std::uint64_t rank,
                                    const std::string& dir, std::chrono::seconds patience) {
  if (rank == 0) return std::make_unique<LocalAgent>(dir, patience);
  return std::make_unique<RankAgent>(coordinator, rank, patience);
}

Testbed stage_on_ranks(const SemanticsPlan& plan, Coordinator& coordinator) {
  std::vector<std::uint64_t> writers = coordinator.first_of_caches();
  Testbed testbed{.between = between(writers.size())};
  if (writers.size() < kFewestAgents) writers = {0, 1};
  std::vector<std::string> dirs;
  for (const Mount& mount : plan.mounts) dirs.push_back(mount.description.dir);
  for (const std::uint64_t writer : writers) {
    const std::uint64_t rank = coordinator.rank_of(writer);
    const std::string dir = coordinator.dir_there(rank, dirs);
    add(testbed, agent_at(coordinator, rank, dir, plan.patience),
        {.dir = dir,
         .dir_here = coordinator.conducts() ? dirs.front() : dir,
         .name = coordinator.name_of(rank)});
  }
  return testbed;
}

}  // namespace

Testbed set_stage(const SemanticsPlan& plan, Coordinator* coordinator) {
  return coordinator == nullptr ? stage_on_mounts(plan) : stage_on_ranks(plan, *coordinator);
}

namespace {

constexpr std::uint64_t kRecordBytes = 16;
constexpr const char* kWriter = "writer";
constexpr const char* kHeld = "held";
constexpr const char* kOpened = "opened";

/// The header takes at most one page, the records three more.
ArrayMap file_map() {
  return ArrayMap({.records = 3 * page_bytes() / kRecordBytes});
}

/// In the second page, behind the header; records of the two nodes are adjacent.
std::uint64_t record_offset_bytes(std::size_t side) {
  return page_bytes() + 64 + side * kRecordBytes;
}

/// Content that is unique per scene and has no zero bytes, so that a partial record is recognised.
std::string record_bytes(std::uint64_t number, std::size_t side) {
  std::uint64_t value = (2 * number + side + 1) * 0x9e3779b97f4a7c15;
  std::vector<std::byte> bytes(kRecordBytes);
  for (std::byte& byte : bytes) {
    value ^= value >> 12, value ^= value << 25, value ^= value >> 27;
    byte = static_cast<std::byte>((value >> 32) | 1);
  }
  return to_hex(bytes);
}

std::string path_words(const std::string& path) {
  return to_hex(std::as_bytes(std::span(path)));
}

bool is_old(const std::string& digits) {
  return digits.size() == 2 * kRecordBytes && digits.find_first_not_of('0') == std::string::npos;
}

}  // namespace

ProbeFile::ProbeFile(const ProbeFileRequest& request)
    : experiment_(request.experiment), number_(request.number) {
  const std::vector<std::string> dirs{request.writer.dir_here, request.reader.dir_here};
  file_ = std::make_unique<RaceFile>(dirs, file_map(), request.open_file,
                                     array_maker(Making::unsynced));
  const std::string writer_path = file_->path_in(request.writer.dir);
  const std::string reader_path = file_->path_in(request.reader.dir);
  sides_.push_back({.writer = request.writer.agent,
                    .reader = request.reader.agent,
                    .writer_path = writer_path,
                    .reader_path = reader_path,
                    .offset_bytes = record_offset_bytes(0),
                    .bytes = record_bytes(number_, 0)});
  if (!experiment_.sharing->shared) return;
  sides_.push_back({.writer = request.reader.agent,
                    .reader = request.writer.agent,
                    .writer_path = reader_path,
                    .reader_path = writer_path,
                    .offset_bytes = record_offset_bytes(1),
                    .bytes = record_bytes(number_, 1)});
  if (!request.reader_acts_last) std::swap(sides_[0], sides_[1]);
}

ProbeFile::~ProbeFile() {
  try {
    part();
  } catch (const std::exception&) {
    // An agent that has ended has no handles, and after an interrupt all agents end.
  }
}

void ProbeFile::part() {
  for (Side& side : sides_) {
    for (const char* role : {kWriter, kHeld, kOpened}) {
      step(*side.writer, "forget", role);
      step(*side.reader, "forget", role);
    }
    side.holds = false;
  }
}

/// Both agents of a side may use the same handle name: they are different processes.
std::string ProbeFile::handle(const char* role) const {
  return fmt::format("{}-{}", number_, role);
}

void ProbeFile::step(FileAgent& agent, const std::string& verb, const char* role,
                     const std::string& more) {
  agent.ask(fmt::format("{} {} {}", verb, handle(role), more));
}

std::string ProbeFile::read(const Side& side, const char* role) {
  return side.reader->ask(fmt::format("{} {} {} {}", experiment_.via->read, handle(role),
                                      side.offset_bytes, kRecordBytes));
}

bool ProbeFile::shows(FileAgent& agent, const std::string& path) {
  return agent.ask(fmt::format("exists {} {}", handle(kOpened), path_words(path))) == "yes";
}

bool ProbeFile::settled() {
  for (const Side& side : sides_) {
    if (!shows(*side.writer, side.writer_path) || !shows(*side.reader, side.reader_path))
      return false;
    step(*side.reader, "open-read", kOpened, path_words(side.reader_path));
    const std::string begin = side.reader->ask(fmt::format("pread {} 0 6", handle(kOpened)));
    step(*side.reader, "close", kOpened);
    if (begin != to_hex(std::as_bytes(std::span("\x93NUMPY", 6)))) return false;
  }
  return true;
}

void ProbeFile::hold(Side& side) {
  const bool writing = experiment_.reader->holds_for_writing;
  step(*side.reader, writing ? "open-write" : "open-read", kHeld, path_words(side.reader_path));
  if (experiment_.via->maps) step(*side.reader, "map-read", kHeld);
  side.holds = true;
  const std::string found = read(side, kHeld);
  if (!is_old(found))
    throw StepError(fmt::format("{}: a new file is not all zeros: {}", side.reader_path, found),
                    false);
}

void ProbeFile::open_writer(Side& side) {
  step(*side.writer, "open-write", kWriter, path_words(side.writer_path));
  if (experiment_.via->maps) step(*side.writer, "map-write", kWriter);
}

void ProbeFile::prepare() {
  for (Side& side : sides_) hold(side);
  for (Side& side : sides_) open_writer(side);
}

void ProbeFile::write() {
  for (Side& side : sides_)
    step(*side.writer, experiment_.via->write, kWriter,
         fmt::format("{} {}", side.offset_bytes, side.bytes));
  note_act();
}

void ProbeFile::act(const ActRow& act) {
  for (Side& side : sides_)
    for (const std::string& verb : act.steps) step(*side.writer, verb, kWriter);
  if (!act.steps.empty()) note_act();
}

void ProbeFile::note_act() {
  acted_ns_ = monotonic_ns();
}

double ProbeFile::seconds_since_act() const {
  return static_cast<double>(monotonic_ns() - acted_ns_) * 1e-9;
}

Observation ProbeFile::look_at(const Side& side, const char* role) {
  const std::string found = read(side, role);
  Observation look{.is_new = found == side.bytes, .seconds = seconds_since_act()};
  if (!look.is_new)
    look.found = fmt::format("byte {} {}: {}, not {}", side.offset_bytes,
                             is_old(found) ? "still old" : "wrong", found, side.bytes);
  return look;
}

void ProbeFile::let_go(Side& side) {
  if (!side.holds) return;
  if (experiment_.via->maps) step(*side.reader, "munmap", kHeld);
  step(*side.reader, "close", kHeld);
  side.holds = false;
}

Observation ProbeFile::look_by_opening(Side& side) {
  if (experiment_.reader->closes_first) let_go(side);
  step(*side.reader, "open-read", kOpened, path_words(side.reader_path));
  if (experiment_.via->maps) step(*side.reader, "map-read", kOpened);
  const Observation look = look_at(side, kOpened);
  if (experiment_.via->maps) step(*side.reader, "munmap", kOpened);
  step(*side.reader, "close", kOpened);
  return look;
}

/// New only if every side is; otherwise returns the first that is not.
Observation ProbeFile::all_sides(Observation (ProbeFile::*one)(Side&)) {
  Observation all{.is_new = true};
  for (Side& side : sides_) {
    const Observation look = (this->*one)(side);
    if (all.is_new && !look.is_new) all = look;
    all.seconds = std::max(all.seconds, look.seconds);
  }
  return all;
}

Observations ProbeFile::look() {
  Observations looks{.held = all_sides(&ProbeFile::look_by_holding)};
  if (experiment_.reader->opens_anew) looks.opened = all_sides(&ProbeFile::look_by_opening);
  return looks;
}

Observation ProbeFile::look_again() {
  const bool opens = experiment_.reader->opens_anew;
  return all_sides(opens ? &ProbeFile::look_by_opening : &ProbeFile::look_by_holding);
}

}  // namespace npyrace
