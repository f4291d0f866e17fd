#include "bench/experiments/file_agent.h"

#include <cerrno>
#include <fstream>

#include "core/base/error.h"
#include "core/file/posix_file.h"
#include "tests/catch.h"
#include "tests/temporary_folder.h"

using namespace npyrace;

namespace {

std::string hex_of(const std::string& text) {
  return to_hex(std::as_bytes(std::span(text)));
}

}  // namespace

TEST_CASE("an agent performs the requested operations on a file", "[semantics]") {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("with a space");
  std::ofstream(path) << std::string(8192, '.');
  AgentCommands agent(open_posix_file);
  CHECK(agent.answer("open-write w " + hex_of(path)) == "ok ");
  CHECK(agent.answer("open-read r " + hex_of(path)) == "ok ");
  CHECK(agent.answer("map-write w") == "ok ");
  CHECK(agent.answer("map-read r") == "ok ");
  CHECK(agent.answer("store w 4100 " + hex_of("ab")) == "ok ");
  CHECK(agent.answer("pwrite w 4102 " + hex_of("cd")) == "ok ");
  CHECK(agent.answer("load r 4099 6") == "ok " + hex_of(".abcd."));
  CHECK(agent.answer("pread r 4099 6") == "ok " + hex_of(".abcd."));
  for (const char* step : {"msync w", "fsync w", "munmap w", "close w", "forget r", "forget never"})
    CHECK(agent.answer(step) == "ok ");
  CHECK(agent.answer("pread r 0 1").starts_with("failed "));
}

TEST_CASE("an agent answers an invalid request with an error message", "[semantics]") {
  AgentCommands agent(open_posix_file);
  for (const char* line : {"", "dance", "dance x", "pread", "open-read x zz", "open-read x abc",
                           "fsync x", "load x 0 1", "store x 0 00", "msync x", "map-read x"})
    CHECK(agent.answer(line).starts_with("failed "));
  CHECK(agent.answer("open-read x " + hex_of("/no/such\nfile")).find('\n') == std::string::npos);
}

TEST_CASE("an agent does not access memory outside a mapping", "[semantics]") {
  const testing::TemporaryFolder folder;
  std::ofstream(folder.file("f")) << "12345678";
  AgentCommands agent(open_posix_file);
  agent.answer("open-write f " + hex_of(folder.file("f")));
  REQUIRE(agent.answer("map-write f") == "ok ");
  CHECK(agent.answer("load f 0 9").starts_with("failed "));
  CHECK(agent.answer("load f 18446744073709551615 2").starts_with("failed "));
  CHECK(agent.answer("store f 7 0000").starts_with("failed "));
}

TEST_CASE("an operation that the file system does not support is a refusal", "[semantics]") {
  AgentCommands agent([](const std::string& path, const OpenOptions&) -> std::unique_ptr<File> {
    throw SystemError({path, "mmap"}, path == "x" ? ENODEV : EIO, {ENODEV});
  });
  CHECK(agent.answer("open-read f " + hex_of("x")).starts_with("refused x: mmap"));
  CHECK(agent.answer("open-read f " + hex_of("y")).starts_with("failed y: mmap"));
}

TEST_CASE("hexadecimal digits are converted to bytes and back", "[semantics]") {
  CHECK(hex_of(std::string("\0\x7f\xff", 3)) == "007fff");
  CHECK(to_hex(from_hex("007fff")) == "007fff");
  CHECK(from_hex("").empty());
  for (const char* wrong : {"0", "0g", "g0", "00 0", "+1"})
    CHECK_THROWS_AS(from_hex(wrong), std::invalid_argument);
}
