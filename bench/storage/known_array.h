#pragma once
// The expected content of an existing array: its source (sidecar or options), the comparison of the
// file's header with the expected one, and a file with the expected content for user programs.
// Headers are compared by meaning and data offset, not byte by byte, because other NPY writers
// format them differently.

#include <functional>
#include <string>

#include "bench/storage/array_options.h"
#include "bench/storage/sidecar.h"
#include "core/array/array_map.h"
#include "core/array/stamp.h"
#include "core/file/file.h"
#include "core/npy/npy_header.h"
#include "core/result/findings.h"

namespace npyrace {

/// True if C and Fortran order of this shape differ in memory.
bool order_matters(const std::vector<std::uint64_t>& shape);

/// Formats "descr '<f4' where '<f8' belongs, and shape (3,) where (4,) belongs"; empty if both mean
/// the same.
std::string header_difference(const NpyHeader& found, const NpyHeaderSpec& wanted);

/// Rewrites the examples of a changed header so that they give the fields that differ and the
/// expected fields. Otherwise an example names the first different byte, which may only be that of
/// the NPY version.
void explain_header(std::vector<Example>& examples, const std::string& file, const ArrayMap& map);

/// Describes a header error: "its header says descr '<f4' where '<f8' belongs", "its header cannot
/// be read: …", "bytes of its header changed; what it says did not".
std::string header_words(const std::string& file, const ArrayMap& map);

/// Returns all bytes before the data. Throws SystemError.
std::string header_bytes(const std::string& file, const NpyHeader& header);

/// Returns the request with the file's own header if that means what the request asks for,
/// otherwise the request unchanged. Reads the start of the file.
ArrayRequest with_own_header(ArrayRequest request, const std::string& file);

/// A note that an unexpected header is one that np.save writes, so that another program has saved
/// over the file; empty if it is not.
std::string saved_over_words(const std::string& file);

// Determination of the expected content of an existing array.

/// Returns a packed request derived from the file's header. Records run along the contiguous axis:
/// the first in C order, the last in Fortran order. Throws FormatError for an array without
/// records, and SystemError.
ArrayRequest array_in_file(const std::string& file);

/// True if the options describe the array, so that no sidecar is read.
bool describes_array(const ArrayOptions& array, const PlacementOptions& placement);

/// Takes the description from the options if they give one, else from the sidecar. Throws
/// FormatError if neither describes the array, UsageError if the options are invalid.
Sidecar known_array(const std::string& file, const ArrayOptions& array,
                    const PlacementOptions& placement);

// The expected content as an NPY file: `--exec` programs copy their records from it.

/// Writes the header, the records of `generation`, and zeros elsewhere into an empty file, with
/// bounded memory. Calls `between_pieces` regularly; it may throw to cancel. Throws SystemError.
void write_expected_array(
    File& file, const ArrayMap& map, const Stamper& stamper, unsigned generation,
    const std::function<void()>& between_pieces = [] {});

}  // namespace npyrace
