#pragma once
// Runs a program on a lab and sees to it that it ends: with the lab's end at the latest.

#include <string>
#include <vector>

#include "bench/lab/lab.h"

namespace npyrace {

/// {n1}, {n2}, … and {store} replaced in every argument. Throws UsageError for a node that is not
/// there.
std::vector<std::string> with_places(std::vector<std::string> arguments, const Lab& lab);

/// Returns the program's exit code as a shell would (128 and the signal's number where it was
/// killed). SIGINT, SIGTERM and SIGHUP are passed on to it, and when that does not end it soon,
/// SIGKILL. Throws SystemError where it cannot be started, std::runtime_error where the lab's
/// server dies meanwhile.
int run_on_lab(Lab& lab, const std::vector<std::string>& arguments);

}  // namespace npyrace
