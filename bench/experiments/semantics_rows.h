#pragma once
// The experiments of scenario `semantics` (how records are written, what is shared, how they are
// read), and the evaluation of observations. Every combination is one row of the passport;
// docs/semantics.md explains them.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result/passport.h"

namespace npyrace {

/// The strongest call that the writer makes after the write.
enum class ActLevel {
  write,   ///< none
  extra,   ///< a call to which no guarantee refers, but which users rely on
  commit,  ///< fsync after pwrite, msync after stores to a mapping
  close,   ///< close only
};

/// Calls that the writer makes after its write, on a separate file for each act.
struct ActRow {
  const char* name;
  ActLevel level;
  std::vector<std::string> steps;  ///< agent verbs
};

struct ViaRow {
  const char* name;
  const char* write;  ///< agent verbs
  const char* read;
  bool maps;                 ///< both sides map the file first
  std::vector<ActRow> acts;  ///< first is write, last is close
};

struct SharingRow {
  const char* name;
  bool shared;  ///< both nodes write different records of one page
};

struct ReaderRow {
  const char* name;
  bool holds_for_writing;  ///< holds the file open for writing, without writing to it
  bool opens_anew;         ///< also reads by a new open
  bool closes_first;       ///< closes its handle before the new open
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

// Derivation of the guarantee from observations. Pure; its tests define the names, and
// docs/semantics.md explains them.

/// One read of all records that other nodes wrote.
struct Observation {
  bool is_new = false;  ///< all of them had the new content
  double seconds = 0;   ///< from the return of the act to the reader's answer
  std::string found;    ///< content found instead; empty when new
};

struct Observations {
  Observation held;                   ///< through a handle opened before the write
  std::optional<Observation> opened;  ///< by a new open, if the reader does that
};

/// One completed try of an experiment.
struct Try {
  std::string between;             ///< "/a writes, /b looks"
  std::vector<Observations> acts;  ///< per act of `via`, each on its own file
  /// Observations of a file written before all others and read after them, without an act: the
  /// effect of time alone.
  Observations waited;
  std::optional<double> later_seconds;  ///< time after close until first visible; nothing: never
  double watched_seconds = 0;           ///< how long it was polled
  /// Files that lacked the write after everything was closed and reopened: "after fsync: still
  /// old". Earlier reads of the new content came from a cache.
  std::vector<std::string> lost;
};

/// A read that takes longer does not show the state at the return of the write.
inline constexpr double kAtOnceSeconds = 0.5;

/// REQUIRES: every try has observations for every act of the experiment. Without tries the row gets
/// no name.
PassportRow name_row(const Experiment& experiment, const std::vector<Try>& tries);

/// The weakest guarantee seen by a fresh reader on own pages, among the experiments that could run.
Promise name_of(const std::vector<PassportRow>& rows);

}  // namespace npyrace
