#pragma once
// Ways to have a file that many writers start with and nobody was told to make. One table; a new
// way is one row.

#include <span>

#include "bench/create_race/creator.h"

namespace npyrace {

struct WayRow {
  const char* name;
  const char* summary;
  void (*run)(Creator& creator);
};

std::span<const WayRow> way_table();

}  // namespace npyrace
