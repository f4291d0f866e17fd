#pragma once
// The small file beside an array, FILE.npyrace.json: what `verify` must know and the array does not
// say.

#include <optional>
#include <string>

#include "core/array_map.h"

namespace npyrace {

struct Sidecar {
  ArrayRequest array;
  std::uint64_t stamp_seed = 0;
  unsigned generation = 1;    ///< of the last write, or of the write that is to come
  bool acknowledged = false;  ///< every writer's last write has returned
};

std::string sidecar_path(const std::string& array_path);

/// Throws SystemError.
void write_sidecar(const std::string& array_path, const Sidecar& sidecar);

/// Nothing when there is none. Throws FormatError when it is damaged, SystemError when unreadable.
std::optional<Sidecar> read_sidecar(const std::string& array_path);

}  // namespace npyrace
