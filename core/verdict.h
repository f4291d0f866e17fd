#pragma once
// The word that a cell or an experiment comes to.

namespace npyrace {

enum class Verdict { safe, unsafe, inconclusive, failed, skipped };
const char* verdict_name(Verdict verdict);

}  // namespace npyrace
