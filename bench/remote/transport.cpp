#include "bench/remote/transport.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "core/os/process.h"

namespace npyrace {
namespace {

/// The program that is linked with MPI: NPYRACE_MPI, or npyrace-mpi beside this program. Empty if
/// there is none.
std::string mpi_program() {
  if (const char* named = std::getenv("NPYRACE_MPI"); named != nullptr && *named != '\0')
    return named;
  std::error_code error;
  const auto own = std::filesystem::read_symlink(kOwnBinary, error);
  const auto beside = own.parent_path() / "npyrace-mpi";
  return !error && ::access(beside.c_str(), X_OK) == 0 ? beside.string() : "";
}

/// Replaces this process by the same command of `program`. Returns only on failure.
void become(const std::string& program) {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
}

}  // namespace

std::string no_mpi_reason() {
  if (join_mpi_transport != nullptr || !mpi_program().empty()) return "";
  return "it is in npyrace-mpi, which is not beside npyrace (./quickstart mpi builds it with the MPI that is "
         "here; NPYRACE_MPI names another place)";
}

std::unique_ptr<Transport> join_transport() {
  if (join_mpi_transport != nullptr) return join_mpi_transport();
  const std::string program = mpi_program();
  if (program.empty()) throw FormatError("launcher mpi: " + no_mpi_reason());
  become(program);
  throw SystemError({program, "execve"}, errno);
}

}  // namespace npyrace
