#include "bench/header_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/dtype_descr.h"
#include "core/npy_header.h"

namespace npyrace {

std::string header_words(const std::string& file) {
  try {
    const NpyHeader header = read_header(file);
    return fmt::format("its header says descr {}, shape ({}){}", descr_text(header.dtype),
                       fmt::join(header.shape, ", "),
                       header.fortran_order ? ", Fortran order" : "");
  } catch (const std::exception& error) {
    return fmt::format("its header cannot be read: {}", error.what());
  }
}

}  // namespace npyrace
