#pragma once
// Every record must hold the stamp of its last acknowledged write, in the store and in every view.

#include "validators/validator.h"

namespace npyrace {

class RecordValidator final : public Validator {
 public:
  void check(const Subject& subject, const Piece& piece, Findings& findings) const override;
};

}  // namespace npyrace
