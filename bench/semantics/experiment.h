#pragma once
// The experiments of scenario `semantics`: how is written, what is shared, who looks. Every
// combination is one row of the passport. docs/semantics.md says what they are for.

#include <span>
#include <string>
#include <vector>

namespace npyrace {

/// What an act would have to do for a promise.
enum class ActLevel {
  write,   ///< nothing was called after the write
  extra,   ///< no promise asks for it, but people wonder
  commit,  ///< fsync of what pwrite wrote, msync of what was stored into a mapping
  close,   ///< the writer has closed the file, and called nothing else before
};

/// What the writer calls after its write, alone, on a file of its own.
struct ActRow {
  const char* name;
  ActLevel level;
  std::vector<std::string> steps;  ///< verbs of a player
};

struct ViaRow {
  const char* name;
  const char* write;  ///< verbs of a player
  const char* read;
  bool maps;                 ///< both sides map the file first
  std::vector<ActRow> acts;  ///< the first is write, the last close
};

struct SharingRow {
  const char* name;
  bool shared;  ///< both nodes write, different records of one page
};

struct ReaderRow {
  const char* name;
  bool holds_for_writing;  ///< has the file open for writing, without writing through that
  bool opens_anew;         ///< looks by a new open, too
  bool closes_first;       ///< gives up what it held before it opens anew
};

struct Experiment {
  const ViaRow* via = nullptr;
  const SharingRow* sharing = nullptr;
  const ReaderRow* reader = nullptr;

  std::string name() const;  ///< "pwrite, own-pages, fresh"
};

std::span<const ViaRow> via_table();
std::span<const SharingRow> sharing_table();
std::span<const ReaderRow> reader_table();

/// All combinations, in the order of the passport's rows.
std::vector<Experiment> all_experiments();

}  // namespace npyrace
