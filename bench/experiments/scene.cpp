#include "bench/experiments/scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "bench/experiments/player.h"
#include "bench/experiments/semantics.h"
#include "bench/remote/fleet.h"
#include "core/array/array_map.h"
#include "core/file/posix_file.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

constexpr std::size_t kFewestPlayers = 2;

/// The number of nodes is the number of page caches.
const char* between(std::size_t caches) {
  return caches > 1 ? "mounts" : "processes";
}

void add(Stage& stage, std::unique_ptr<PlayerHandle> player, Node node) {
  node.player = player.get();
  stage.players.push_back(std::move(player));
  stage.nodes.push_back(std::move(node));
}

Stage stage_on_mounts(const SemanticsPlan& plan) {
  std::set<std::uint64_t> caches;
  for (const Mount& mount : plan.mounts) caches.insert(mount.cache);
  Stage stage{.between = between(caches.size())};
  const char* kind = plan.mounts.size() == 1 ? "process" : "mount";
  const std::size_t players = std::max(plan.mounts.size(), kFewestPlayers);
  for (std::size_t i = 0; i < players; ++i) {
    const std::string& dir = plan.mounts[i % plan.mounts.size()].description.dir;
    add(stage, std::make_unique<PlayerProcess>(dir, plan.patience),
        {.dir = dir, .dir_here = dir, .name = fmt::format("{} {}", kind, i + 1)});
  }
  return stage;
}

/// Rank 0 runs the experiment, so its player is a separate process.
std::unique_ptr<PlayerHandle> player_at(Fleet& fleet, std::uint64_t rank, const std::string& dir,
                                        std::chrono::seconds patience) {
  if (rank == 0) return std::make_unique<PlayerProcess>(dir, patience);
  return std::make_unique<RankPlayer>(fleet, rank, patience);
}

Stage stage_on_ranks(const SemanticsPlan& plan, Fleet& fleet) {
  std::vector<std::uint64_t> writers = fleet.first_of_caches();
  Stage stage{.between = between(writers.size())};
  if (writers.size() < kFewestPlayers) writers = {0, 1};
  std::vector<std::string> dirs;
  for (const Mount& mount : plan.mounts) dirs.push_back(mount.description.dir);
  for (const std::uint64_t writer : writers) {
    const std::uint64_t rank = fleet.rank_of(writer);
    const std::string dir = fleet.dir_there(rank, dirs);
    add(stage, player_at(fleet, rank, dir, plan.patience),
        {.dir = dir,
         .dir_here = fleet.conducts() ? dirs.front() : dir,
         .name = fleet.name_of(rank)});
  }
  return stage;
}

}  // namespace

Stage set_stage(const SemanticsPlan& plan, Fleet* fleet) {
  return fleet == nullptr ? stage_on_mounts(plan) : stage_on_ranks(plan, *fleet);
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

Scene::Scene(const SceneRequest& request)
    : experiment_(request.experiment), number_(request.number) {
  const std::vector<std::string> dirs{request.writer.dir_here, request.reader.dir_here};
  file_ = std::make_unique<RaceFile>(dirs, file_map(), request.open_file,
                                     array_maker(Making::unsynced));
  const std::string writer_path = file_->path_in(request.writer.dir);
  const std::string reader_path = file_->path_in(request.reader.dir);
  sides_.push_back({.writer = request.writer.player,
                    .reader = request.reader.player,
                    .writer_path = writer_path,
                    .reader_path = reader_path,
                    .offset_bytes = record_offset_bytes(0),
                    .bytes = record_bytes(number_, 0)});
  if (!experiment_.sharing->shared) return;
  sides_.push_back({.writer = request.reader.player,
                    .reader = request.writer.player,
                    .writer_path = reader_path,
                    .reader_path = writer_path,
                    .offset_bytes = record_offset_bytes(1),
                    .bytes = record_bytes(number_, 1)});
  if (!request.reader_acts_last) std::swap(sides_[0], sides_[1]);
}

Scene::~Scene() {
  try {
    part();
  } catch (const std::exception&) {
    // A player that is gone has no handles, and after an interrupt all players end.
  }
}

void Scene::part() {
  for (Side& side : sides_) {
    for (const char* role : {kWriter, kHeld, kOpened}) {
      step(*side.writer, "forget", role);
      step(*side.reader, "forget", role);
    }
    side.holds = false;
  }
}

/// Both players of a side may use the same handle name: they are different processes.
std::string Scene::handle(const char* role) const {
  return fmt::format("{}-{}", number_, role);
}

void Scene::step(PlayerHandle& player, const std::string& verb, const char* role,
                 const std::string& more) {
  player.ask(fmt::format("{} {} {}", verb, handle(role), more));
}

std::string Scene::read(const Side& side, const char* role) {
  return side.reader->ask(fmt::format("{} {} {} {}", experiment_.via->read, handle(role),
                                      side.offset_bytes, kRecordBytes));
}

bool Scene::shows(PlayerHandle& player, const std::string& path) {
  return player.ask(fmt::format("exists {} {}", handle(kOpened), path_words(path))) == "yes";
}

bool Scene::settled() {
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

void Scene::hold(Side& side) {
  const bool writing = experiment_.reader->holds_for_writing;
  step(*side.reader, writing ? "open-write" : "open-read", kHeld, path_words(side.reader_path));
  if (experiment_.via->maps) step(*side.reader, "map-read", kHeld);
  side.holds = true;
  const std::string found = read(side, kHeld);
  if (!is_old(found))
    throw StepError(fmt::format("{}: a new file is not all zeros: {}", side.reader_path, found),
                    false);
}

void Scene::open_writer(Side& side) {
  step(*side.writer, "open-write", kWriter, path_words(side.writer_path));
  if (experiment_.via->maps) step(*side.writer, "map-write", kWriter);
}

void Scene::prepare() {
  for (Side& side : sides_) hold(side);
  for (Side& side : sides_) open_writer(side);
}

void Scene::write() {
  for (Side& side : sides_)
    step(*side.writer, experiment_.via->write, kWriter,
         fmt::format("{} {}", side.offset_bytes, side.bytes));
  note_act();
}

void Scene::act(const ActRow& act) {
  for (Side& side : sides_)
    for (const std::string& verb : act.steps) step(*side.writer, verb, kWriter);
  if (!act.steps.empty()) note_act();
}

void Scene::note_act() {
  acted_ns_ = monotonic_ns();
}

double Scene::seconds_since_act() const {
  return static_cast<double>(monotonic_ns() - acted_ns_) * 1e-9;
}

Look Scene::look_at(const Side& side, const char* role) {
  const std::string found = read(side, role);
  Look look{.is_new = found == side.bytes, .seconds = seconds_since_act()};
  if (!look.is_new)
    look.found = fmt::format("byte {} {}: {}, not {}", side.offset_bytes,
                             is_old(found) ? "still old" : "wrong", found, side.bytes);
  return look;
}

void Scene::let_go(Side& side) {
  if (!side.holds) return;
  if (experiment_.via->maps) step(*side.reader, "munmap", kHeld);
  step(*side.reader, "close", kHeld);
  side.holds = false;
}

Look Scene::look_by_opening(Side& side) {
  if (experiment_.reader->closes_first) let_go(side);
  step(*side.reader, "open-read", kOpened, path_words(side.reader_path));
  if (experiment_.via->maps) step(*side.reader, "map-read", kOpened);
  const Look look = look_at(side, kOpened);
  if (experiment_.via->maps) step(*side.reader, "munmap", kOpened);
  step(*side.reader, "close", kOpened);
  return look;
}

/// New only if every side is; otherwise returns the first that is not.
Look Scene::all_sides(Look (Scene::*one)(Side&)) {
  Look all{.is_new = true};
  for (Side& side : sides_) {
    const Look look = (this->*one)(side);
    if (all.is_new && !look.is_new) all = look;
    all.seconds = std::max(all.seconds, look.seconds);
  }
  return all;
}

Looks Scene::look() {
  Looks looks{.held = all_sides(&Scene::look_by_holding)};
  if (experiment_.reader->opens_anew) looks.opened = all_sides(&Scene::look_by_opening);
  return looks;
}

Look Scene::look_again() {
  const bool opens = experiment_.reader->opens_anew;
  return all_sides(opens ? &Scene::look_by_opening : &Scene::look_by_holding);
}

}  // namespace npyrace
