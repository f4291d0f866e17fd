#pragma once
// Ways in which many writers create one file that none of them was assigned to create: the steps of
// a writer (Creator), the outcome of a try, the tally of many, and the table of ways.

#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/experiments/file_agent.h"
#include "core/array/array_map.h"
#include "core/array/stamp.h"
#include "core/result/result.h"

namespace npyrace {

/// An error reported to the writer: nothing it wrote was acknowledged.
class CreatorError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CreatorRequest {
  LocalAgent& agent;
  const ArrayMap& map;
  Stamper stamper;
  std::uint64_t writer = 0;
  std::string path;            ///< path of the file on the writer's mount
  std::string temporary_path;  ///< a name of this writer in the same directory
  std::chrono::milliseconds patience{10'000};
  /// Called before every step; may block.
  std::function<void()> before_step = [] {};
  /// Called when the writer waits because the file is not complete: another one must continue.
  std::function<void()> waits = [] {};
};

/// Every step may throw StepError, AgentGone, CreatorError or Interrupted.
class Creator {
 public:
  explicit Creator(const CreatorRequest& request) : request_(request) {}

  bool exists();
  /// O_CREAT | O_TRUNC, as NumPy's mode w+: truncates an existing file.
  void create();
  /// O_CREAT | O_EXCL. Returns false if the file exists.
  bool create_new();
  void create_temporary();
  /// Writes the header first and sets the size last: a file of full size is complete.
  void fill();
  /// Links the temporary file to the final name and removes it; an existing file stays.
  void link_temporary();
  /// Renames the temporary file to the final name, replacing an existing file.
  void rename_temporary();
  /// As np.load(mmap_mode='r+'): a missing header or a wrong size is an error.
  void open();
  /// As open, but retries until the file is complete.
  void open_when_whole();
  /// Writes the records, then fsync and close, after which they are acknowledged.
  void write();

 private:
  std::string step(const std::string& line);
  std::string ask(const std::string& line) { return request_.agent.ask(line); }
  bool is_whole();

  CreatorRequest request_;
};

// The verdict on one way from many tries. Pure.

/// Outcome of one try: several writers, one file.
struct CreateOutcome {
  std::uint64_t acknowledged = 0;  ///< records of writers that reported success
  std::uint64_t lost = 0;          ///< acknowledged records that are missing
  std::string order;               ///< order of the writers' steps, for an example
  /// Errors of writers that gave up; their records were not acknowledged.
  std::vector<std::string> errors;
  std::string problem;   ///< why the try is invalid; empty: valid
  bool refused = false;  ///< the problem is that the file system does not support the operation
};

class CreateTally {
 public:
  CreateTally(std::string name, std::string between)
      : name_(std::move(name)), between_(std::move(between)) {}

  void add(const CreateOutcome& outcome);
  /// True if further tries are useless.
  bool broken() const { return !problem_.empty(); }
  ExperimentResult result() const;

 private:
  std::string name_, between_;
  std::uint64_t tries_ = 0, tries_with_loss_ = 0, acknowledged_ = 0, lost_ = 0, gave_up_ = 0;
  std::vector<std::string> losses_, errors_;
  std::string problem_;
  bool refused_ = false;
};

// The table of ways; a new way is one row.

struct CreateVariant {
  const char* name;
  const char* summary;
  void (*run)(Creator& creator);
};

std::span<const CreateVariant> way_table();

}  // namespace npyrace
