#pragma once
// What a file system promises about when others see a write, in the words of Wang, Mohror and Snir,
// "File System Semantics Requirements of HPC Applications" (HPDC 2021). docs/semantics.md has the
// definitions at length.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace npyrace {

/// In the order of strength: who keeps one keeps those before it, too.
enum class Promise { none_seen, eventual, session, commit, strong };

struct PromiseRow {
  Promise promise;
  const char* name;
  const char* meaning;
};

/// The one table of promises, in the order of the enumeration.
std::span<const PromiseRow> promise_table();
const char* promise_name(Promise promise);
const char* promise_meaning(Promise promise);

/// What the reader saw at once after one act of the writer, and no other act after the write.
struct ActLook {
  std::string after;           ///< write, fsync, msync, munmap or close
  bool held = false;           ///< through what it held since before the write, in every try
  std::optional<bool> opened;  ///< by opening anew, in every try; nothing for who never does
  double delay_seconds = 0;    ///< from the act's return to the reader's answer, the longest
};

/// One experiment, tried several times; the weakest outcome counts.
struct PassportRow {
  std::string via;      ///< pwrite, mmap
  std::string sharing;  ///< own-pages, shared-pages
  std::string reader;   ///< fresh, holds-read, holds-write
  Promise named = Promise::none_seen;
  std::string visible_after = "never";  ///< an act, or open, later, never
  double delay_seconds = 0;             ///< until it was seen, or how long it was waited for
  std::uint64_t tries = 0;              ///< that came to their end
  std::vector<ActLook> acts;
  std::vector<std::string> counter_examples;  ///< to the promises that were not kept
  std::string problem;                        ///< why tries are missing; else empty
  bool refused = false;  ///< the problem is that the file system does not do this
};

struct Passport {
  Promise named = Promise::none_seen;
  std::string between;  ///< what stood for nodes: "mounts", or "processes" behind one page cache
  std::vector<PassportRow> rows;
};

}  // namespace npyrace
