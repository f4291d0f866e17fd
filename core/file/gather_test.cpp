#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>
#include <vector>

#include "core/file/buffers.h"
#include "tests/catch.h"

using namespace npyrace;

namespace {

/// Records of a replacement for pwritev, and its configuration.
struct Calls {
  std::string content;  ///< written content from offset 100
  std::vector<int> counts;
  std::size_t most_bytes = ~std::size_t{0};  ///< limit, for short writes
  int interrupted = 0;                       ///< number of initial calls that fail with EINTR
  int error_number = 0;                      ///< of the call after `good_calls`
  int good_calls = 1000;
} calls;

std::ptrdiff_t stand_in(int, const iovec* vectors, int count, std::int64_t offset_bytes) {
  if (calls.interrupted-- > 0) return errno = EINTR, -1;
  if (calls.good_calls-- <= 0) return errno = calls.error_number, calls.error_number == 0 ? 0 : -1;
  REQUIRE(offset_bytes == static_cast<std::int64_t>(100 + calls.content.size()));
  calls.counts.push_back(count);
  std::string all;
  for (int i = 0; i < count; ++i)
    all.append(static_cast<const char*>(vectors[i].iov_base), vectors[i].iov_len);
  all.resize(std::min(all.size(), calls.most_bytes));
  calls.content += all;
  return static_cast<std::ptrdiff_t>(all.size());
}

std::uint64_t gather(const std::vector<std::string>& texts) {
  std::vector<std::span<const std::byte>> parts;
  for (const std::string& text : texts) parts.push_back(std::as_bytes(std::span(text)));
  return gather_write(-1, parts, 100, stand_in);
}

}  // namespace

TEST_CASE("parts are written in one call, up to the system's limit per call", "[gather]") {
  calls = {};
  CHECK(gather({"ab", "", "cde", "f"}) == kAllWritten);
  CHECK(calls.content == "abcdef");
  CHECK(calls.counts == std::vector<int>{3});

  calls = {};
  CHECK(gather(std::vector<std::string>(2 * IOV_MAX + 5, "xy")) == kAllWritten);
  CHECK(calls.counts == std::vector<int>{IOV_MAX, IOV_MAX, 5});
  CHECK(calls.content.size() == 2 * (2 * IOV_MAX + 5));
}

TEST_CASE("after a short write it continues at the next byte, within a part or between parts",
          "[gather]") {
  for (const std::size_t most : {1u, 2u, 3u, 4u, 5u}) {
    calls = {.most_bytes = most, .interrupted = 2};
    CHECK(gather({"ab", "cde", "fghi"}) == kAllWritten);
    CHECK(calls.content == "abcdefghi");
  }
}

TEST_CASE("an error names the offset of the call; a write of 0 bytes is an error", "[gather]") {
  calls = {.most_bytes = 4, .error_number = ENOSPC, .good_calls = 1};
  CHECK(gather({"ab", "cde"}) == 104);
  CHECK(errno == ENOSPC);
  calls = {.good_calls = 0};
  CHECK(gather({"ab"}) == 100);
  CHECK(errno == EIO);
}
