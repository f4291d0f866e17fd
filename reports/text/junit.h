#pragma once
// JUnit XML for CI servers: the writer, and the form of a result.

#include <map>
#include <string>
#include <vector>

#include "core/result/result.h"

namespace npyrace {

enum class JunitOutcome { passed, failure, error, skipped };

struct JunitCase {
  std::string class_name;
  std::string name;
  double seconds = 0;
  JunitOutcome outcome = JunitOutcome::passed;
  std::string message;  ///< why it did not pass, one line; empty for passed
  std::string details;  ///< further lines
};

struct JunitSuite {
  std::string name;
  std::map<std::string, std::string> properties;
  std::vector<JunitCase> cases;
};

/// Well-formed for any content of the strings: characters that XML cannot represent are escaped as
/// \x00.
std::string junit_xml(const JunitSuite& suite);

// The result, one test case per cell.

/// `unsafe` is a failure, `failed` an error. `inconclusive` and `skipped` are skipped test cases
/// with their reason, so that neither counts as safe.
std::string junit_report(const RunResult& result);

}  // namespace npyrace
