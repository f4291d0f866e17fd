#include "bench/launchers/exec_create.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "bench/header_words.h"
#include "bench/launchers/child_process.h"
#include "bench/launchers/exec_output.h"
#include "bench/launchers/exec_plan.h"
#include "bench/launchers/launcher.h"
#include "bench/launchers/shell_command.h"
#include "bench/private_folder.h"
#include "core/dtype_descr.h"
#include "core/npy_header.h"
#include "core/posix_file.h"

namespace npyrace {
namespace {

std::vector<std::string> environment_of(const ExecCreateRequest& request, const std::string& path,
                                        const ArrayRequest& array) {
  std::vector<std::uint64_t> shape{array.records};
  shape.insert(shape.end(), array.row_shape.begin(), array.row_shape.end());
  return {"NPYRACE_FILE=" + path, "NPYRACE_DESCR=" + descr_text(dtype_from_text(array.descr)),
          "NPYRACE_SHAPE=" + shape_text(shape), fmt::format("NPYRACE_WRITERS={}", request.writers)};
}

void require_array(const std::string& path, const ArrayMap& map) {
  const auto bytes = std::filesystem::file_size(path);
  std::vector<std::byte> made(std::min<std::uintmax_t>(map.header().size(), bytes));
  open_posix_file(path, {})->read_at(made, 0);
  if (bytes == map.file_bytes() && std::ranges::equal(made, map.header())) return;
  throw RaceError(fmt::format("--exec-create: made another file than NPYRACE_DESCR and "
                              "NPYRACE_SHAPE ask for: it has {} bytes of {}, and {}",
                              bytes, map.file_bytes(), header_words(path)),
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
