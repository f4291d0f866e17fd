#pragma once
// Reading back through several mounts, past their page caches, where a change may still travel.

#include <functional>

#include "validators/scan.h"

namespace npyrace {

/// Two mounts past their caches may disagree for a moment: they are asked again, up to five times
/// in two seconds, before that is believed. Throws as `scan` does.
Findings scan_settled(const ScanRequest& request,
                      const std::function<Findings(const ScanRequest&)>& scan = npyrace::scan);

}  // namespace npyrace
