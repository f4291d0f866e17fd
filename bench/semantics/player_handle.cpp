#include "bench/semantics/player_handle.h"

namespace npyrace {

std::string PlayerHandle::ask(const std::string& line) {
  if (!gone_.empty()) throw PlayerGone(gone_);
  std::string answer;
  try {
    answer = answer_to(line);
  } catch (const PlayerGone& gone) {
    gone_ = gone.what();
    throw;
  }
  const std::size_t space = answer.find(' ');
  const std::string kind = answer.substr(0, space);
  const std::string rest = space == std::string::npos ? "" : answer.substr(space + 1);
  if (kind != "ok") throw StepError(rest, kind == "refused");
  return rest;
}

}  // namespace npyrace
