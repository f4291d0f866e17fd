#pragma once
// The sidecar FILE.npyrace.json beside an array, and the JSON form of ArrayRequest in it, which
// worker processes also receive.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/array/array_map.h"
#include "core/result/result.h"
#include "validators/expectation.h"

namespace npyrace {

class JsonFields;

void describe(JsonFields& json, ArrayRequest& request);
void describe(JsonFields& json, WriterPromise& promise);

// The sidecar holds what `verify` needs and the array itself does not tell.

/// Observations made during the race that the file no longer shows: overlap, and losses in earlier
/// generations. `verify` reads the records again nevertheless.
struct KeptRace {
  std::string strategy, sync, cache, launcher;
  std::uint64_t mounts = 0;
  double seconds = 0;
  PhaseSeconds phases;
  double overlap_seconds = 0;
  double overlapped_share = 0;
  std::uint64_t units_shared_by_writers = 0;
  std::uint64_t units_shared_by_mounts = 0;
  std::uint64_t trials = 0;
  std::uint64_t file_trials = 0;
  Verdict verdict = Verdict::inconclusive;
  std::string reason;
};

struct Sidecar {
  ArrayRequest array;
  std::uint64_t stamp_seed = 0;
  unsigned generation = 1;                   ///< generation of the last write, or of the coming one
  bool acknowledged = false;                 ///< every writer's last write has returned
  std::vector<WriterPromise> promises = {};  ///< one per writer; empty: equal for all
  std::string id = {};                       ///< unique per array
  std::optional<KeptRace> race = {};         ///< set for arrays that `run --keep` left
};

std::string sidecar_path(const std::string& array_path);

/// Returns a new unique array id.
std::string new_array_id();

/// Returns a stamp seed that no other array shares, even with the same `seed`.
std::uint64_t stamp_seed_of(std::uint64_t seed, const std::string& array_id);

/// Throws SystemError.
void write_sidecar(const std::string& array_path, const Sidecar& sidecar);

/// Returns nothing when there is none. Throws FormatError when it is malformed, SystemError when it
/// cannot be read.
std::optional<Sidecar> read_sidecar(const std::string& array_path);

}  // namespace npyrace
