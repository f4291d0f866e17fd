#pragma once
// One of several writers that find a file or make it: the steps of which ways to do so consist.

#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/experiments/player.h"
#include "core/array/array_map.h"
#include "core/array/stamp.h"
#include "core/result/result.h"

namespace npyrace {

/// What the writer is told, loudly: nothing it has written was acknowledged.
class CreatorError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CreatorRequest {
  PlayerProcess& player;
  const ArrayMap& map;
  Stamper stamper;
  std::uint64_t writer = 0;
  std::string path;            ///< of the file, through the writer's mount
  std::string temporary_path;  ///< a name of the writer's own beside it
  std::chrono::milliseconds patience{10'000};
  /// Called before every step; may hold the writer up.
  std::function<void()> before_step = [] {};
  /// Called when the file is not ready and the writer waits: somebody else must get on.
  std::function<void()> waits = [] {};
};

/// Every step throws StepError, PlayerGone, CreatorError or Interrupted.
class Creator {
 public:
  explicit Creator(const CreatorRequest& request) : request_(request) {}

  bool exists();
  /// O_CREAT | O_TRUNC, as NumPy's mode w+: an existing file loses what it holds.
  void create();
  /// O_CREAT | O_EXCL. False: somebody else has made it.
  bool create_new();
  void create_temporary();
  /// Header first, size last: a file of the right size is whole.
  void fill();
  /// Gives the temporary file the name, unless somebody has it; then it is removed.
  void link_temporary();
  /// Gives the temporary file the name, whoever has it.
  void rename_temporary();
  /// As np.load(mmap_mode='r+') does: a file without its header or of another size is an error.
  void open();
  /// The same, again and again until it is whole.
  void open_when_whole();
  /// Its records, fsync, close: from here on they are acknowledged.
  void write();

 private:
  std::string step(const std::string& line);
  std::string ask(const std::string& line) { return request_.player.ask(line); }
  bool is_whole();

  CreatorRequest request_;
};

// What tries of one way to create a file came to, and the verdict. Pure.

/// One try: several writers, one file.
struct CreateOutcome {
  std::uint64_t acknowledged = 0;   ///< records whose writers were told that all is fine
  std::uint64_t lost = 0;           ///< of them
  std::string order;                ///< how the writers took turns, for an example
  std::vector<std::string> errors;  ///< of writers that gave up: their records were not promised
  std::string problem;              ///< why the try proves nothing; empty: it does
  bool refused = false;             ///< the problem is that the file system does not do this
};

class CreateTally {
 public:
  CreateTally(std::string name, std::string between)
      : name_(std::move(name)), between_(std::move(between)) {}

  void add(const CreateOutcome& outcome);
  /// No further try makes sense.
  bool broken() const { return !problem_.empty(); }
  ExperimentResult result() const;

 private:
  std::string name_, between_;
  std::uint64_t tries_ = 0, tries_with_loss_ = 0, acknowledged_ = 0, lost_ = 0, gave_up_ = 0;
  std::vector<std::string> losses_, errors_;
  std::string problem_;
  bool refused_ = false;
};

// Ways to have a file that many writers start with and nobody was told to make. One table; a new
// way is one row.

struct WayRow {
  const char* name;
  const char* summary;
  void (*run)(Creator& creator);
};

std::span<const WayRow> way_table();

}  // namespace npyrace
