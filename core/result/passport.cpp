#include "core/result/passport.h"

namespace npyrace {
namespace {

constexpr PromiseRow kPromises[] = {
    {Promise::none_seen, "none seen", "not every write was seen by others, not even later"},
    {Promise::eventual, "eventual", "others see a write later, no matter what either side calls"},
    {Promise::session, "session", "a write is seen after close by who opens afterwards"},
    {Promise::commit, "commit", "a write is seen by all after fsync or msync"},
    {Promise::strong, "strong", "a write is seen by all when it returns"},
};

const PromiseRow& row_of(Promise promise) {
  return kPromises[static_cast<std::size_t>(promise)];
}

}  // namespace

std::span<const PromiseRow> promise_table() {
  return kPromises;
}

const char* promise_name(Promise promise) {
  return row_of(promise).name;
}

const char* promise_meaning(Promise promise) {
  return row_of(promise).meaning;
}

}  // namespace npyrace
