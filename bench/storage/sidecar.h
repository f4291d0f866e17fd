#pragma once
// ArrayRequest as JSON, for workers and for the sidecar beside a created file.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/array/array_map.h"
#include "core/result/result.h"
#include "validators/expectation.h"

namespace npyrace {

nlohmann::ordered_json to_json(const ArrayRequest& request);
/// Throws nlohmann::json::exception or UsageError on anything that is not such a request.
ArrayRequest array_request_from_json(const nlohmann::ordered_json& json);

// The small file beside an array, FILE.npyrace.json: what `verify` must know and the array does not
// say.

/// What was seen while the array was raced, and does not show in it any more: who overlapped, what
/// was lost in a generation before the last. Its records are judged anew all the same.
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
  unsigned generation = 1;                   ///< of the last write, or of the write that is to come
  bool acknowledged = false;                 ///< every writer's last write has returned
  std::vector<WriterPromise> promises = {};  ///< one a writer, where they differ
  std::string id = {};                       ///< no two arrays share it
  std::optional<KeptRace> race = {};         ///< of an array that `run --keep` left
};

std::string sidecar_path(const std::string& array_path);

/// A name for an array that nobody else's has.
std::string new_array_id();

/// For the stamps of the array of that id: no other array has them, whatever its seed.
std::uint64_t stamp_seed_of(std::uint64_t seed, const std::string& array_id);

/// Throws SystemError.
void write_sidecar(const std::string& array_path, const Sidecar& sidecar);

/// Nothing when there is none. Throws FormatError when it is damaged, SystemError when unreadable.
std::optional<Sidecar> read_sidecar(const std::string& array_path);

}  // namespace npyrace
