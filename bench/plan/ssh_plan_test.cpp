#include <filesystem>

#include "bench/plan/launcher_plan.h"
#include "core/base/error.h"
#include "tests/catch.h"

using namespace npyrace;

TEST_CASE("a host may have a directory of its own", "[ssh]") {
  CHECK(parse_ssh_host("n1").name == "n1");
  CHECK(parse_ssh_host("n1").dir.empty());
  CHECK(parse_ssh_host("me@n2.org:/other/dir").name == "me@n2.org");
  CHECK(parse_ssh_host("me@n2.org:/other/dir").dir == "/other/dir");
  CHECK(parse_ssh_host("[fe80::1]:/mnt/a:b").name == "fe80::1");
  CHECK(parse_ssh_host("[fe80::1]:/mnt/a:b").dir == "/mnt/a:b");
  CHECK(parse_ssh_host("n1:/odd].dir").dir == "/odd].dir");
}

TEST_CASE("malformed hosts, options in their place, and relative directories are refused",
          "[ssh]") {
  for (const char* text : {"", ":/dir", "-oProxyCommand=x", "n1:dir", "n1:"})
    CHECK_THROWS_AS(parse_ssh_host(text), UsageError);
}

TEST_CASE("writers are distributed over hosts, and over directories for hosts without their own",
          "[ssh]") {
  RunOptions options;
  options.dirs = {"here", "/there"};
  options.ssh.hosts = {"n1", "n2:/other", "n3"};
  const SshOrder order = make_ssh_order(options);
  CHECK(order.writers == 6);
  CHECK(order.host_of(4).name == "n2");
  CHECK(order.dir_of(0) == (std::filesystem::current_path() / "here").string());
  CHECK(order.dir_of(1) == "/other");
  CHECK(order.dir_of(3) == "/there");
  CHECK(order.dir_of(4) == "/other");
  options.writers = {2, 9, 4};
  CHECK(make_ssh_order(options).writers == 9);
}

TEST_CASE("options that only --hosts uses are refused without it", "[ssh]") {
  CHECK_THROWS_AS(make_ssh_order({}), UsageError);
  CHECK_THROWS_AS(refuse_unused_ssh({.hosts = {"n1"}}), UsageError);
  CHECK_THROWS_AS(refuse_unused_ssh({.rsh = "rsh"}), UsageError);
  CHECK_NOTHROW(refuse_unused_ssh({}));
}
