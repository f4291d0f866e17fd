#pragma once
// What tries of one way to create a file came to, and the verdict. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "core/experiment_result.h"

namespace npyrace {

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

}  // namespace npyrace
