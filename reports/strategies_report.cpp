#include "reports/strategies_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reports/printable.h"
#include "reports/wrap.h"

namespace npyrace {
namespace {

std::string item(const char* title, const std::string& text) {
  constexpr std::size_t kTextColumn = 21;
  return fmt::format("    {:<{}}", title, kTextColumn - 4) +
         wrapped(printable(text), {.first = kTextColumn, .others = kTextColumn});
}

std::string about(const StrategyListing& listing) {
  return listing.name + "\n" + "  " + wrapped(listing.summary, {.first = 2, .others = 2}) +
         item("used by", listing.used_by) + item("guarantee", listing.guarantee) +
         item("weakness", listing.weakness) + item("acknowledged by", listing.acknowledged_by) +
         (listing.available ? "" : item("not here", listing.reason));
}

}  // namespace

std::string strategies_report(const std::string& dir,
                              const std::vector<StrategyListing>& listings) {
  std::string text;
  std::size_t missing = 0;
  for (const StrategyListing& listing : listings) {
    text += about(listing);
    missing += !listing.available;
  }
  return text + wrapped(fmt::format("{} of {} work in {}.", listings.size() - missing,
                                    listings.size(), printable(dir)),
                        {});
}

std::string strategies_json(const std::string& dir, const std::vector<StrategyListing>& listings) {
  nlohmann::ordered_json json{{"dir", dir}, {"strategies", nlohmann::ordered_json::array()}};
  for (const StrategyListing& listing : listings)
    json["strategies"].push_back({{"name", listing.name},
                                  {"summary", listing.summary},
                                  {"used_by", listing.used_by},
                                  {"guarantee", listing.guarantee},
                                  {"weakness", listing.weakness},
                                  {"acknowledged_by", listing.acknowledged_by},
                                  {"numpy", listing.numpy},
                                  {"available", listing.available},
                                  {"reason", listing.reason}});
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace npyrace
