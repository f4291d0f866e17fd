#pragma once
// Rounds that grow until they have told: their order, when they are looked at, and when they end.
// Pure.

#include <cstdint>
#include <random>
#include <vector>

#include "core/comparison.h"

namespace npyrace {

/// After so many rounds they are looked at, and may end: ascending, the last is `rounds`. Each look
/// gets its share of the false alarms.
std::vector<std::uint64_t> looks_at(std::uint64_t rounds);

/// For each round whether base comes first: of every two rounds in one of them, and chance says in
/// which. So drift hits both alike, and no rhythm of the machine can favour a side.
std::vector<bool> base_first(std::uint64_t rounds, std::mt19937_64& random);

/// What `first` asked is answered: every cell that did not pass is now clearly slower, clearly not,
/// or has lost safety, and further rounds change nothing.
bool settled(const GateResult& first, const GateResult& again);

/// What the first look said, with what was seen `again`: a cell that was unsafe stays that,
/// whatever comes after; what was slower, not proven or not measurable is judged by the second look
/// alone.
GateResult after_rerun(GateResult first, const GateResult& again);

}  // namespace npyrace
