#pragma once
// The result of `watch` for people, and for CI servers.

#include <string>

#include "core/result/watch.h"

namespace npyrace {

/// Several lines, ending with a newline. Foreign text is escaped.
std::string watch_report(const WatchResult& result);

/// One line of advice per file that needs one, each ending with a newline.
std::string watch_advice(const WatchResult& result);

/// JUnit XML: a test case per file. A hazard that loses is a failure.
std::string watch_junit(const WatchResult& result);

/// "rank 3", or "process 4711": with the node, if the file has writers on several.
std::string writer_name(const WatchedFile& file, std::uint64_t writer);

/// "bytes 4096 to 8191"
std::string range_words(const ByteRange& range);

/// Sum of the ranges' lengths.
std::uint64_t total_bytes(const std::vector<ByteRange>& ranges);

}  // namespace npyrace
