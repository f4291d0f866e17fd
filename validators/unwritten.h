#pragma once
// Unwritten is not lost: what a writer that died may leave behind.

#include <cstddef>
#include <cstdint>
#include <span>

#include "validators/expectation.h"

namespace npyrace {

/// The oldest generation that the record may hold without anything being lost; 0: also zeros.
unsigned oldest_kept(const Subject& subject, std::uint64_t element);

/// True when the record, which is not of the expected generation, holds nothing but what its writer
/// may have left there: each lane of a generation from the oldest kept to the newest begun. Only
/// whole lanes that lie aligned in the file are stored at once; of others each byte may be.
bool is_unwritten(const Subject& subject, std::uint64_t element, std::span<const std::byte> record);

}  // namespace npyrace
