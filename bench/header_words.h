#pragma once
// What a file's header says, for messages about a file that is not the one that was meant.

#include <string>

namespace npyrace {

/// "its header says descr '<f8', shape (3, 4)", or "its header cannot be read: …".
std::string header_words(const std::string& file);

/// That a header which is not the expected one is as np.save writes it, in words; empty: it is not.
std::string saved_over_words(const std::string& file);

}  // namespace npyrace
