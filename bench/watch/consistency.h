#pragma once
// Consistency between two nodes that write to one page of a file: measured (a passport, the model
// of a lab) or documented (the table of file systems).

#include <optional>
#include <string>

#include "core/result/passport.h"

namespace npyrace::watch {

enum class Outcome { keeps, loses, unknown };

struct Consistency {
  Outcome calls = Outcome::unknown;   ///< if both nodes wrote by system calls
  Outcome stores = Outcome::unknown;  ///< if one of them stored into a mapping
  std::string source;                 ///< a clause: "as measured by run semantics"
};

/// From a passport of `run semantics` between mounts.
Consistency consistency_of(const Passport& passport);
/// From the documentation of a file system, as the kernel names it.
Consistency documented_consistency(const std::string& file_system);
/// From the model of the lab in which this process runs; nothing outside a lab.
std::optional<Consistency> lab_consistency();

}  // namespace npyrace::watch
