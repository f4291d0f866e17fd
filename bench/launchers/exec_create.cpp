#include "bench/launchers/exec_create.h"

#include <fmt/format.h>

#include <filesystem>

#include "bench/header_words.h"
#include "bench/launchers/child_process.h"
#include "bench/launchers/exec_program.h"
#include "bench/launchers/launcher.h"
#include "bench/launchers/shell_command.h"
#include "bench/private_folder.h"
#include "core/dtype_descr.h"
#include "core/error.h"
#include "core/npy_header.h"

namespace npyrace {
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
  const PrivateFolder folder("exec");
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
