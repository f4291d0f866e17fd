#include "bench/launchers/exec_program.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <deque>
#include <filesystem>
#include <fstream>

#include "bench/launchers/launcher.h"
#include "bench/storage/known_array.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/npy/dtype.h"
#include "core/npy/npy_header.h"
#include "core/os/process.h"
#include "core/os/shell.h"
#include "core/os/temporary_folder.h"

namespace npyrace {
namespace {

constexpr std::size_t kLinesBefore = 6;
constexpr std::size_t kMostCharacters = 300;  // per line

std::string shortened(std::string_view text) {
  if (text.size() <= kMostCharacters) return std::string(text);
  return std::string(text.substr(0, kMostCharacters)) + " ...";
}

/// Returns up to `most` non-empty lines.
std::deque<std::string> last_lines(const std::string& path, std::size_t most) {
  std::ifstream file(path);
  std::deque<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    line = shortened(trimmed(line));
    if (line.empty()) continue;
    lines.push_back(line);
    if (lines.size() > most) lines.pop_front();
  }
  return lines;
}

}  // namespace

std::string last_line(const std::string& path) {
  const std::deque<std::string> lines = last_lines(path, 1);
  return lines.empty() ? "" : lines.back();
}

std::string last_words(const std::string& path) {
  std::deque<std::string> lines = last_lines(path, kLinesBefore + 1);
  if (lines.empty()) return "";
  const std::string last = lines.back();
  lines.pop_back();
  return lines.empty() ? last : fmt::format("{} (before it: {})", last, fmt::join(lines, " / "));
}

std::string command_for(const std::string& command, const std::string& file, std::uint64_t writer,
                        std::uint64_t writers) {
  std::string text = command;
  const auto replace = [&](std::string_view mark, const std::string& value) {
    for (std::size_t at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  };
  replace("{file}", shell_word(file));
  replace("{writer}", std::to_string(writer));
  replace("{writers}", std::to_string(writers));
  return text;
}

namespace {

std::vector<std::string> environment_of(const ExecCreateRequest& request, const std::string& path,
                                        const ArrayRequest& array) {
  std::vector<std::uint64_t> shape{array.records};
  shape.insert(shape.end(), array.row_shape.begin(), array.row_shape.end());
  return {"NPYRACE_FILE=" + path, "NPYRACE_DESCR=" + descr_text(dtype_from_text(array.descr)),
          "NPYRACE_SHAPE=" + shape_text(shape), fmt::format("NPYRACE_WRITERS={}", request.writers)};
}

std::string what_is_wrong(const std::string& path, const ArrayMap& map) {
  try {
    const NpyHeader header = read_header(path);
    const std::string difference = header_difference(header, map.header_spec());
    if (!difference.empty()) return "its header says " + difference;
    const std::uint64_t needed_bytes = header.data_offset_bytes + header.data_bytes();
    const std::uint64_t bytes = std::filesystem::file_size(path);
    if (bytes == needed_bytes) return "";
    return fmt::format("it has {} bytes, and its header speaks of {}", bytes, needed_bytes);
  } catch (const FormatError& error) {
    return fmt::format("its header cannot be read: {}", error.what());
  }
}

void require_array(const std::string& path, const ArrayMap& map) {
  const std::string wrong = what_is_wrong(path, map);
  if (wrong.empty()) return;
  throw RaceError(
      "--exec-create: made another file than NPYRACE_DESCR and NPYRACE_SHAPE ask for: " + wrong,
      false);
}

}  // namespace

void run_create_program(const ExecCreateRequest& request, const std::string& path,
                        const ArrayMap& map) {
  const TemporaryFolder folder("exec");
  const std::string output_path = folder.file("output");
  const auto ended = run_to_end({.command = command_for(request.command, path, 0, request.writers),
                                 .environment = environment_of(request, path, map.request()),
                                 .output_path = output_path,
                                 .time_limit = request.time_limit});
  if (!ended)
    throw RaceError(
        fmt::format("--exec-create: has not ended within {} s", request.time_limit.count()), false);
  if (*ended != 0) {
    const std::string words = last_words(output_path);
    throw RaceError(fmt::format("--exec-create: {}{}{}", describe_exit(*ended),
                                words.empty() ? "" : ": ", words),
                    false);
  }
  if (!std::filesystem::exists(path))
    throw RaceError("--exec-create: ended well, but made no file at NPYRACE_FILE", false);
}

void create_by_program(const ExecCreateRequest& request, const std::string& path,
                       const ArrayMap& map) {
  run_create_program(request, path, map);
  require_array(path, map);
}

}  // namespace npyrace
