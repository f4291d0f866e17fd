#pragma once
// What a file system promises, for a person at a terminal of 80 columns.

#include <string>

#include "core/result.h"

namespace npyrace {

/// A table of the experiments, what spoke against more, and in the last line the promise.
std::string passport_report(const Passport& passport);

}  // namespace npyrace
