#pragma once
// Compares a file's header with the one that it should have. Files of all writers count: what
// matters is what a header means and where the data begin, not its bytes.

#include <functional>
#include <string>

#include "bench/storage/array_options.h"
#include "bench/storage/sidecar.h"
#include "core/array/array_map.h"
#include "core/array/stamp.h"
#include "core/file/file.h"
#include "core/npy/npy_header.h"

namespace npyrace {

/// Whether C order and Fortran order of this shape differ in memory.
bool order_matters(const std::vector<std::uint64_t>& shape);

/// "descr '<f4' where '<f8' belongs, and shape (3,) where (4,) belongs", or empty: both mean the
/// same.
std::string header_difference(const NpyHeader& found, const NpyHeaderSpec& wanted);

/// "its header says descr '<f4' where '<f8' belongs", "its header cannot be read: …", "bytes of its
/// header changed; what it says did not".
std::string header_words(const std::string& file, const ArrayMap& map);

/// All bytes before the data. Throws SystemError.
std::string header_bytes(const std::string& file, const NpyHeader& header);

/// The request with the file's own header, where that means what the request asks for; as it was
/// where it means something else, or nothing. Reads the file's first bytes.
ArrayRequest with_own_header(ArrayRequest request, const std::string& file);

/// That a header which is not the expected one is as np.save writes it, in words; empty: it is not.
std::string saved_over_words(const std::string& file);

// What an existing array must hold: known from the sidecar beside it, or from options.

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

// The content that writers must produce, as a file of the same form: what `--exec` programs copy
// from.

/// Writes header, records of `generation`, and zeros elsewhere into an empty file, in bounded
/// memory. Calls `between_pieces` now and then, which may throw. Throws SystemError.
void write_expected_array(
    File& file, const ArrayMap& map, const Stamper& stamper, unsigned generation,
    const std::function<void()>& between_pieces = [] {});

}  // namespace npyrace
