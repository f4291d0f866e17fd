#include "reports/scaling_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/terminal_report.h"
#include "reports/wrap.h"

namespace npyrace {

std::string scaling_title(const Scaling& scaling) {
  std::string text = fmt::format("{}, {}", scaling.strategy, scaling.layout);
  if (scaling.layout != "packed") text += fmt::format(" at {} bytes", scaling.align_bytes);
  if (scaling.cache != "as-is") text += ", cache " + scaling.cache;
  return text + fmt::format(", {}, sync {}, {}", scaling.ownership, scaling.sync, scaling.launcher);
}

std::string scaling_points(const Scaling& scaling) {
  std::vector<std::string> words;
  for (const ScalingPoint& point : scaling.points)
    words.push_back(
        fmt::format("{}: {}", point.writers,
                    point.counts ? short_number(point.records_per_second) : "not safe"));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string scaling_report(const std::vector<Scaling>& scalings) {
  std::string text;
  for (const Scaling& scaling : scalings)
    text += wrapped(
        fmt::format(
            "scaling: {}: records/s of writers {}: {}{}", scaling_title(scaling),
            scaling_points(scaling),
            scaling.knee_writers == 0 ? "" : fmt::format("knee at {}: ", scaling.knee_writers),
            scaling.reason),
        {.others = 2});
  return text.empty() ? "" : "\n" + text;
}

}  // namespace npyrace
