#include "bench/durability/loop_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "bench/race/race_file_name.h"
#include "core/error.h"

namespace npyrace {
namespace {

constexpr const char* kControl = "/dev/loop-control";
/// Somebody else may take the free device that we were told of.
constexpr int kMostAttempts = 20;

/// Its name is one that the next run removes, should we be killed before it is gone.
lab::Descriptor nameless_file(const std::string& dir, std::uint64_t size_bytes) {
  constexpr std::uint64_t kNumber = 1'000'000;  // files of races are counted from 0
  const std::string path = dir + "/" + race_file_name(this_process(), kNumber);
  lab::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) throw SystemError({path, "open"}, errno);
  if (::unlink(path.c_str()) != 0) throw SystemError({path, "unlink"}, errno);
  if (::ftruncate(file.number(), static_cast<off_t>(size_bytes)) != 0)
    throw SystemError({path, "ftruncate"}, errno);
  return file;
}

std::string free_device() {
  const lab::Descriptor control(::open(kControl, O_RDWR | O_CLOEXEC));
  if (!control) throw SystemError({kControl, "open"}, errno);
  const int number = ::ioctl(control.number(), LOOP_CTL_GET_FREE);
  if (number < 0) throw SystemError({kControl, "LOOP_CTL_GET_FREE"}, errno);
  return fmt::format("/dev/loop{}", number);
}

/// False: somebody else was faster.
bool attach(const lab::Descriptor& loop, const std::string& device, int file) {
  loop_config config{};
  config.fd = static_cast<__u32>(file);
  config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
  if (::ioctl(loop.number(), LOOP_CONFIGURE, &config) == 0) return true;
  if (errno == EBUSY) return false;
  throw SystemError({device, "LOOP_CONFIGURE"}, errno);
}

}  // namespace

LoopDisk::LoopDisk(const std::string& dir, std::uint64_t size_bytes) {
  const lab::Descriptor file = nameless_file(dir, size_bytes);
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    device_ = free_device();
    loop_ = lab::Descriptor(::open(device_.c_str(), O_RDWR | O_CLOEXEC));
    if (!loop_) throw SystemError({device_, "open"}, errno);
    if (attach(loop_, device_, file.number())) return;
  }
  throw SystemError({device_, "LOOP_CONFIGURE"}, EBUSY);
}

}  // namespace npyrace
