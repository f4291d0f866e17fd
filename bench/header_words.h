#pragma once
// What a file's header says, for messages about a file that is not the one that was meant.

#include <string>

namespace npyrace {

/// "its header says descr '<f8', shape (3, 4)", or "its header cannot be read: …".
std::string header_words(const std::string& file);

}  // namespace npyrace
