#pragma once
// The NPY header is byte for byte what was written: nobody writes it during a race.

#include "validators/validator.h"

namespace npyrace {

class HeaderValidator final : public Validator {
 public:
  void check(const Subject& subject, const Piece& piece, Findings& findings) const override;
};

}  // namespace npyrace
