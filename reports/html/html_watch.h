#pragma once
// The result of `watch` as a self-contained HTML page.

#include <string>

#include "core/result/watch.h"

namespace npyrace {

std::string html_watch(const WatchResult& result);

}  // namespace npyrace
