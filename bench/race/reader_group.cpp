#include "bench/race/reader_group.h"

#include <fmt/format.h>

#include <optional>

#include "bench/race/reader.h"
#include "core/os/channel.h"

namespace npyrace {
namespace {

ReaderOrder order_of(const ReaderGroupRequest& request, std::uint64_t number) {
  const std::uint64_t mount = number % request.paths.size();
  // Alternates mounts first and read paths second: with two mounts readers 0 and 1 differ in the
  // mount, 0 and 2 in the read path.
  const char* read_path = (number / request.paths.size() + mount) % 2 == 0 ? "pread" : "mmap";
  return {.array = request.array,
          .stamp_seed = request.stamp_seed,
          .path = request.paths[mount],
          .read_path = read_path,
          .view = fmt::format("{}@{}", read_path, request.dirs[mount])};
}

ReadersResult only_a_problem(const std::string& problem) {
  return {.problems = {problem}};
}

}  // namespace

class ReaderGroup::Member {
 public:
  Member(const ReaderOrder& order, std::uint64_t number) : number_(number), child_("reader") {
    child_.send(to_text(order));
  }

  void tell(const std::string& line) {
    if (!gone_) child_.send(line);
  }

  ReadersResult answer(std::chrono::seconds patience) {
    if (gone_) return only_a_problem(*gone_);
    const TalkingChild::Answer answer = child_.receive(patience);
    if (answer.line) return readers_result_from_text(*answer.line);
    if (answer.exit_status) return give_up(describe_exit(*answer.exit_status));
    return give_up(fmt::format("did not answer within {} s", patience.count()));
  }

  void kill() { child_.kill(); }

 private:
  ReadersResult give_up(const std::string& why) {
    child_.kill();
    gone_ = fmt::format("reader {}: {}", number_, why);
    return only_a_problem(*gone_);
  }

  std::uint64_t number_;
  std::optional<std::string> gone_;  ///< error message, included in every result
  TalkingChild child_;
};

ReaderGroup::ReaderGroup(const ReaderGroupRequest& request) : patience_(request.patience) {
  for (std::uint64_t number = 0; number < request.readers; ++number)
    members_.push_back(std::make_unique<Member>(order_of(request, number), number));
  pause();  // returns when the file is open
}

/// Kills all before the members' destructors wait for each.
ReaderGroup::~ReaderGroup() {
  for (const auto& member : members_) member->kill();
}

void ReaderGroup::go(unsigned generation) {
  for (const auto& member : members_) member->tell(fmt::format("go {}", generation));
}

ReadersResult ReaderGroup::pause() {
  for (const auto& member : members_) member->tell("pause");
  ReadersResult seen;
  for (const auto& member : members_) seen.merge(member->answer(patience_));
  return seen;
}

}  // namespace npyrace
