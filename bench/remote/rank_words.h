#pragma once
// What ranks tell each other, as text.

#include <cstdint>
#include <string>
#include <vector>

#include "bench/remote/rank_place.h"
#include "bench/strategies/race_error.h"
#include "bench/strategies/race_order.h"
#include "bench/strategies/writer.h"
#include "core/result/findings.h"
#include "validators/scan.h"

namespace npyrace {

/// What rank 0 can want of the others.
enum class Task {
  look,      ///< where are you? answered by a RankPlace
  see,       ///< does a file show there? answered by "" or trouble
  lock,      ///< take a lock of a file and keep it; answered by "" or trouble
  try_lock,  ///< is the lock granted? answered by kGranted, "" or trouble
  unlock,    ///< give the lock up; answered by "" or trouble
  start,     ///< for a race, all ranks; answered by "" or trouble, by those who write
  race,      ///< one generation; answered by a RankReport, by those who write
  caches,    ///< bring page caches into a state; answered by "" or trouble
  clock,     ///< answer so many questions for the time
  play,      ///< one step of a player; answered as player.h has it
  scan,      ///< a part of the file; answered by Findings
  finish,    ///< the race is over
  leave,     ///< the program ends
};

inline constexpr const char* kGranted = "granted";

/// A file as a rank is told of it.
struct RankFileWords {
  std::string made;  ///< its path where it was made
  std::string path;  ///< by which the rank knows it
  std::uint64_t bytes = 0;
};

struct RankOrder {
  Task task = Task::leave;
  std::vector<std::string> dirs;  ///< look
  std::string judge_dir;          ///< look
  RaceOrder race;                 ///< start
  std::uint64_t writers = 0;      ///< start: the first so many ranks
  unsigned generation = 0;        ///< race
  std::string cache;              ///< caches: a state
  std::uint64_t questions = 0;    ///< clock
  RankFileWords file = {};        ///< see, lock, try_lock, unlock
  std::string step = {};          ///< play
};

/// How a writer stands after a generation.
struct RankReport {
  WriterState state = WriterState::running;
  std::string message;  ///< of refused and failed
  unsigned begun = 0;
  unsigned finished = 0;
  std::uint64_t acknowledged_records = 0;  ///< of the generation it has begun
  WriterReport report;                     ///< of the generation it has finished
};

std::string to_text(const RankOrder& order);
std::string to_text(const RankPlace& place);
std::string to_text(const RankReport& report);
std::string to_text(const Findings& findings);
/// An order of Task::scan.
std::string to_text(const ScanRequest& request);
/// What went wrong, in place of any answer.
std::string trouble_text(const std::string& words);

/// All throw std::runtime_error: FormatError for what cannot be read, and the words of
/// `trouble_text` when that came instead.
RankOrder rank_order_from_text(const std::string& text);
RankPlace rank_place_from_text(const std::string& text);
RankReport rank_report_from_text(const std::string& text);
Findings findings_from_text(const std::string& text);
void require_no_trouble(const std::string& text);

/// What a rank scans for rank 0; the map that the request refers to is kept beside it.
struct RemoteScan {
  ArrayRequest array;
  std::uint64_t stamp_seed = 0;
  Expectation expectation;
  View judge;
  std::vector<View> views;
  std::uint64_t part = 0;
  std::uint64_t parts = 1;
};
RemoteScan remote_scan_from_text(const std::string& text);

}  // namespace npyrace
