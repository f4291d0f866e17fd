#pragma once
// JUnit's XML, as CI servers read it.

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
  std::string message;  ///< why it did not pass, in a line; empty for passed
  std::string details;  ///< more lines
};

struct JunitSuite {
  std::string name;
  std::map<std::string, std::string> properties;
  std::vector<JunitCase> cases;
};

/// Well-formed whatever is in the strings: what XML cannot hold is escaped as in \x00.
std::string junit_xml(const JunitSuite& suite);

// The result as JUnit's XML: one test case a cell.

/// `unsafe` is a failure and `failed` an error. `inconclusive` and `skipped` are skipped test cases
/// with their reason: neither may pass for "safe".
std::string junit_report(const RunResult& result);

}  // namespace npyrace
