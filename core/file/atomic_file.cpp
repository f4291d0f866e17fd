#include "core/file/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>

#include "core/base/checked.h"
#include "core/base/error.h"
#include "core/file/posix_file.h"

namespace npyrace {
namespace {

bool is_special(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

void write_directly(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file) throw SystemError({path, "write"}, errno != 0 ? errno : EIO);
}

/// link fails for an existing name, rename would replace it; some file systems lack links.
void give_name(const std::string& temporary, const std::string& path, Existing existing) {
  if (existing == Existing::keep) {
    if (::link(temporary.c_str(), path.c_str()) == 0) {
      ::unlink(temporary.c_str());
      return;
    }
    if (errno == EEXIST || ::access(path.c_str(), F_OK) == 0)
      throw SystemError({path, "open"}, EEXIST);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) throw SystemError({path, "rename"}, errno);
}

/// Opens the temporary file; errors name the path that it will get.
std::unique_ptr<File> created(const std::string& temporary, const std::string& path) {
  try {
    return open_posix_file(temporary, {.access = Access::write, .create_new = true});
  } catch (const SystemError& error) {
    throw SystemError({path, error.call()}, error.error_number());
  }
}

}  // namespace

void require_place(const std::string& path) {
  if (is_special(path)) {
    if (std::filesystem::is_directory(path)) throw SystemError({path, "open"}, EISDIR);
    return;
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (::access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) != 0)
    throw SystemError({path, "open"}, errno);
}

void write_file_atomically(const std::string& path, const std::string& text) {
  if (is_special(path)) return write_directly(path, text);
  write_file_atomically(path, Existing::replace,
                        [&](File& file) { file.write_at(std::as_bytes(std::span(text)), 0); });
}

void write_file_atomically(const std::string& path, Existing existing,
                           const std::function<void(File&)>& fill) {
  if (existing == Existing::keep && ::access(path.c_str(), F_OK) == 0)
    throw SystemError({path, "open"}, EEXIST);
  // By chance: a killed process may have left a file, and processes of other hosts have equal
  // numbers.
  const std::string temporary = fmt::format("{}.npyrace-{:08x}", path, std::random_device()());
  const auto file = created(temporary, path);
  try {
    fill(*file);
    file->sync();
    file->close();
    give_name(temporary, path, existing);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

std::string read_text_file(const std::string& path, std::uint64_t most_bytes) {
  const auto file = open_posix_file(path, {});
  const std::uint64_t size_bytes = file->size_bytes();
  if (size_bytes > most_bytes)
    throw FormatError(fmt::format("{}: {} bytes, more than the {} that such a file may have", path,
                                  size_bytes, most_bytes));
  std::string text(as_size(size_bytes), '\0');
  text.resize(file->read_at(std::as_writable_bytes(std::span(text)), 0));
  return text;
}

std::optional<std::string> read_small_text_file(const std::string& path) {
  constexpr std::uint64_t kMostBytes = 64 << 20;
  try {
    return read_text_file(path, kMostBytes);
  } catch (const SystemError& error) {
    if (error.error_number() == ENOENT) return std::nullopt;
    throw;
  }
}

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace npyrace
