#include "bench/experiments/crash_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "bench/storage/race_file.h"
#include "core/base/error.h"

namespace npyrace {
namespace {

/// XFS_IOC_GOINGDOWN of xfs_fs.h, also supported by ext4 and f2fs; no common header defines it.
constexpr unsigned long kGoingDown = _IOR('X', 125, std::uint32_t);
constexpr std::uint32_t kWithoutLog = 2;

void configure(const Descriptor& context, unsigned command, const char* key, const char* value,
               const std::string& device) {
  if (::fsconfig(context.number(), command, key, value, 0) != 0)
    throw SystemError({device, "mount"}, errno);
}

Descriptor root_of(const std::string& root) {
  Descriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) throw SystemError({root, "open"}, errno);
  return folder;
}

}  // namespace

CrashMount::CrashMount(const std::string& fs_type, const std::string& device) {
  const Descriptor context(::fsopen(fs_type.c_str(), FSOPEN_CLOEXEC));
  if (!context) throw SystemError({fs_type, "fsopen"}, errno);
  configure(context, FSCONFIG_SET_STRING, "source", device.c_str(), device);
  configure(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, device);
  mount_ = Descriptor(::fsmount(context.number(), FSMOUNT_CLOEXEC, 0));
  if (!mount_) throw SystemError({device, "fsmount"}, errno);
}

std::string CrashMount::root() const {
  return fmt::format("/proc/{}/fd/{}", ::getpid(), mount_.number());
}

void CrashMount::sync() const {
  if (::syncfs(root_of(root()).number()) != 0) throw SystemError({root(), "syncfs"}, errno);
}

void CrashMount::cut() const {
  std::uint32_t how = kWithoutLog;
  if (::ioctl(root_of(root()).number(), kGoingDown, &how) != 0)
    throw SystemError({root(), "FS_IOC_GOINGDOWN"}, errno);
}

namespace {

constexpr const char* kControl = "/dev/loop-control";
/// Another process may take the free device that the kernel reported.
constexpr int kMostAttempts = 20;

/// Its temporary name is that of a race file, so that the next run removes it after a crash.
Descriptor nameless_file(const std::string& dir, std::uint64_t size_bytes) {
  constexpr std::uint64_t kNumber = 1'000'000;  // race files are numbered from 0
  const std::string path = dir + "/" + race_file_name(this_process(), kNumber);
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) throw SystemError({path, "open"}, errno);
  if (::unlink(path.c_str()) != 0) throw SystemError({path, "unlink"}, errno);
  if (::ftruncate(file.number(), static_cast<off_t>(size_bytes)) != 0)
    throw SystemError({path, "ftruncate"}, errno);
  return file;
}

std::string free_device() {
  const Descriptor control(::open(kControl, O_RDWR | O_CLOEXEC));
  if (!control) throw SystemError({kControl, "open"}, errno);
  const int number = ::ioctl(control.number(), LOOP_CTL_GET_FREE);
  if (number < 0) throw SystemError({kControl, "LOOP_CTL_GET_FREE"}, errno);
  return fmt::format("/dev/loop{}", number);
}

/// Returns false if another process was faster.
bool attach(const Descriptor& loop, const std::string& device, int file) {
  loop_config config{};
  config.fd = static_cast<__u32>(file);
  config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
  if (::ioctl(loop.number(), LOOP_CONFIGURE, &config) == 0) return true;
  if (errno == EBUSY) return false;
  throw SystemError({device, "LOOP_CONFIGURE"}, errno);
}

}  // namespace

LoopDisk::LoopDisk(const std::string& dir, std::uint64_t size_bytes) {
  const Descriptor file = nameless_file(dir, size_bytes);
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    device_ = free_device();
    loop_ = Descriptor(::open(device_.c_str(), O_RDWR | O_CLOEXEC));
    if (!loop_) throw SystemError({device_, "open"}, errno);
    if (attach(loop_, device_, file.number())) return;
  }
  throw SystemError({device_, "LOOP_CONFIGURE"}, EBUSY);
}

}  // namespace npyrace
