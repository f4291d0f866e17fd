#include "bench/remote/connection.h"

#include <csignal>

#include "tests/catch.h"

using namespace npyrace;

namespace {

/// As in the program: a closed pipe is a write error.
[[maybe_unused]] const auto kIgnored = std::signal(SIGPIPE, SIG_IGN);

/// All lines until end of file.
std::vector<std::string> lines_of(Connection& connection) {
  while (connection.take()) {
    std::vector<pollfd> descriptors = connection.descriptors();
    ::poll(descriptors.data(), descriptors.size(), 10'000);
  }
  std::vector<std::string> lines;
  while (auto line = connection.line()) lines.push_back(*line);
  return lines;
}

}  // namespace

TEST_CASE("a remote shell gets the host, and the command as one word", "[ssh]") {
  Connection connection({"printf '%s\\n' -x", "n1", "/my programs/npyrace"});
  CHECK(lines_of(connection) ==
        std::vector<std::string>{"-x", "n1", "'/my programs/npyrace' rank-service"});
  CHECK(connection.last_words() == "exit code 0");
}

TEST_CASE("the end of a remote shell is reported with its last line of output", "[ssh]") {
  Connection connection({"sh -c 'echo first >&2; echo last >&2; exit 7' sh", "n1", "npyrace"});
  CHECK(lines_of(connection).empty());
  CHECK(connection.last_words() == "exit code 7: last");
  CHECK(connection.note() == "first");
}

TEST_CASE("a peer that does not read is not waited for; a closed peer gets nothing", "[ssh]") {
  constexpr std::chrono::milliseconds kPatience{50};
  const std::string more_than_a_pipe_holds(4 << 20, 'x');
  Connection deaf({"sh -c 'sleep 60' sh", "n1", "npyrace"});
  CHECK(deaf.send("short", kPatience));
  CHECK_FALSE(deaf.send(more_than_a_pipe_holds, kPatience));
  Connection gone({"true", "n1", "npyrace"});
  lines_of(gone);
  gone.last_words();
  CHECK_FALSE(gone.send("short", kPatience));
}
