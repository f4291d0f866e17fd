#pragma once
// The experiments of scenario `semantics`: how is written, what is shared, who looks. Every
// combination is one row of the passport. docs/semantics.md says what they are for.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result/passport.h"

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

// From what readers saw to the promise that was kept. Pure: its tests are the definition of the
// names, docs/semantics.md explains them.

/// One look at all records that others wrote.
struct Look {
  bool is_new = false;  ///< every one of them was there
  double seconds = 0;   ///< from the act's return to the reader's answer
  std::string found;    ///< what was there instead; empty when new
};

struct Looks {
  Look held;                   ///< through what the reader held since before the write
  std::optional<Look> opened;  ///< then by opening anew, where the reader does
};

/// One try of an experiment that came to its end.
struct Try {
  std::string between;      ///< "/a writes, /b looks"
  std::vector<Looks> acts;  ///< in the order of the acts of `via`, each on a file of its own
  Looks waited;             ///< of a file that was written before all others and looked at after
                            ///< them, with no act at all: what time alone brought about
  std::optional<double> later_seconds;  ///< after the close, when it was first seen; nothing: never
  double watched_seconds = 0;           ///< how long it was looked for
  /// Files that did not hold the write when everything was closed, over, and opened anew, in words:
  /// "after fsync: still old". Whatever was seen of it before was a cache's kindness.
  std::vector<std::string> lost;
};

/// A look that answers later than this says nothing about what was visible "when the write
/// returned".
inline constexpr double kAtOnceSeconds = 0.5;

/// REQUIRES: every try has looks for every act of the experiment. No tries name nothing.
PassportRow name_row(const Experiment& experiment, const std::vector<Try>& tries);

/// The weakest promise of a fresh reader on own pages, of what could be tried at all.
Promise name_of(const std::vector<PassportRow>& rows);

}  // namespace npyrace
