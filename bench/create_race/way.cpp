#include "bench/create_race/way.h"

namespace npyrace {
namespace {

void write_plus(Creator& creator) {
  creator.create();
  creator.fill();
  creator.write();
}

void check_then_create(Creator& creator) {
  if (creator.exists()) {
    creator.open();
  } else {
    creator.create();
    creator.fill();
  }
  creator.write();
}

void exclusive(Creator& creator) {
  if (creator.create_new())
    creator.fill();
  else
    creator.open();
  creator.write();
}

void exclusive_wait(Creator& creator) {
  if (creator.create_new())
    creator.fill();
  else
    creator.open_when_whole();
  creator.write();
}

void temporary_link(Creator& creator) {
  creator.create_temporary();
  creator.fill();
  creator.link_temporary();
  creator.open();
  creator.write();
}

void temporary_rename(Creator& creator) {
  if (!creator.exists()) {
    creator.create_temporary();
    creator.fill();
    creator.rename_temporary();
  }
  creator.open();
  creator.write();
}

constexpr WayRow kWays[] = {
    {"w+", "everybody opens with mode w+ (O_CREAT | O_TRUNC)", write_plus},
    {"check-then-create", "who sees no file opens with w+, the others with r+", check_then_create},
    {"exclusive", "O_EXCL; who comes second opens with r+ at once", exclusive},
    {"exclusive-wait", "O_EXCL; who comes second waits until the file is whole", exclusive_wait},
    {"temporary-link", "a temporary file, made whole, gets the name by link(2); all open that",
     temporary_link},
    {"temporary-rename", "who sees no file makes a temporary one and renames it", temporary_rename},
};

}  // namespace

std::span<const WayRow> way_table() {
  return kWays;
}

}  // namespace npyrace
