#pragma once
// Compares a file's header with the one that it should have. Files of all writers count: what
// matters is what a header means and where the data begin, not its bytes.

#include <string>

#include "core/array_map.h"
#include "core/npy_header.h"

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

}  // namespace npyrace
