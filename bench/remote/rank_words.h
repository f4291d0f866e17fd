#pragma once
// Messages between rank 0 and the other ranks, and their text form.

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

/// Tasks that rank 0 sends to the other ranks.
enum class Task {
  look,      ///< report the location; reply: RankPlace
  see,       ///< wait until a file is visible; reply: "" or an error
  lock,      ///< lock a file and keep the lock; reply: "" or an error
  try_lock,  ///< request the lock; reply: kGranted, "" or an error
  unlock,    ///< release the lock; reply: "" or an error
  start,     ///< begin a race, sent to all ranks; writers reply "" or an error
  race,      ///< run one generation; writers reply with a RankReport
  caches,    ///< set a page cache state; reply: "" or an error
  clock,     ///< answer the given number of clock requests
  play,      ///< one step of an experiment; reply as defined in file_agent.h
  scan,      ///< scan a part of the file; reply: Findings
  finish,    ///< end the race
  leave,     ///< exit
};

inline constexpr const char* kGranted = "granted";

/// A file in an order to a rank.
struct RankFileWords {
  std::string made;  ///< path where it was created
  std::string path;  ///< path on the rank's machine
  std::uint64_t bytes = 0;
};

struct RankOrder {
  Task task = Task::leave;
  std::vector<std::string> dirs;  ///< look
  std::string judge_dir;          ///< look
  RaceOrder race;                 ///< start
  std::uint64_t writers = 0;      ///< start: number of writers, the first ranks
  unsigned generation = 0;        ///< race
  std::string cache;              ///< caches: the state
  std::uint64_t questions = 0;    ///< clock: number of requests
  RankFileWords file = {};        ///< see, lock, try_lock, unlock
  std::string step = {};          ///< play
};

/// State of a writer after a generation.
struct RankReport {
  WriterState state = WriterState::running;
  std::string message;  ///< error message when refused or failed
  unsigned begun = 0;
  unsigned finished = 0;
  std::uint64_t acknowledged_records = 0;  ///< in the generation it has begun
  WriterReport report;                     ///< of the last finished generation
};

std::string to_text(const RankOrder& order);
std::string to_text(const RankPlace& place);
std::string to_text(const RankReport& report);
std::string to_text(const Findings& findings);
/// Encodes an order with Task::scan.
std::string to_text(const ScanRequest& request);
/// Encodes an error, which replaces any other reply.
std::string trouble_text(const std::string& words);

/// Decoders throw FormatError for malformed text and std::runtime_error with the message of an
/// error reply.
RankOrder rank_order_from_text(const std::string& text);
RankPlace rank_place_from_text(const std::string& text);
RankReport rank_report_from_text(const std::string& text);
Findings findings_from_text(const std::string& text);
void require_no_trouble(const std::string& text);

/// Parameters of a scan on a rank, which builds the map and stamper from them.
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
