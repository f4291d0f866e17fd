#pragma once
// What an existing array must hold: known from the sidecar beside it, or from options.

#include <string>

#include "bench/array_options.h"
#include "bench/race/sidecar.h"

namespace npyrace {

/// The packed array that a file's own header describes. Records lie along the first axis, in
/// Fortran order along the last: what is contiguous. Throws FormatError for one without records,
/// SystemError.
ArrayRequest array_in_file(const std::string& file);

/// True when the options say what is in the array, so that no sidecar is asked.
bool describes_array(const ArrayOptions& array, const PlacementOptions& placement);

/// From the options where they say it, else from the sidecar. Throws FormatError when nothing says
/// it, UsageError when the options cannot be meant.
Sidecar known_array(const std::string& file, const ArrayOptions& array,
                    const PlacementOptions& placement);

}  // namespace npyrace
