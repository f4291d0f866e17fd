#pragma once
// The content that writers must produce, as a file of the same form: what `--exec` programs copy
// from.

#include <functional>

#include "core/array_map.h"
#include "core/file.h"
#include "core/stamp.h"

namespace npyrace {

/// Writes header, records of `generation`, and zeros elsewhere into an empty file, in bounded
/// memory. Calls `between_pieces` now and then, which may throw. Throws SystemError.
void write_expected_array(
    File& file, const ArrayMap& map, const Stamper& stamper, unsigned generation,
    const std::function<void()>& between_pieces = [] {});

}  // namespace npyrace
