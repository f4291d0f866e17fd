#include "bench/durability/crash_mount.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "core/error.h"

namespace npyrace {
namespace {

/// ext4 and f2fs took it over from XFS (xfs_fs.h: XFS_IOC_GOINGDOWN); no header that all have.
constexpr unsigned long kGoingDown = _IOR('X', 125, std::uint32_t);
constexpr std::uint32_t kWithoutLog = 2;

void configure(const lab::Descriptor& context, unsigned command, const char* key, const char* value,
               const std::string& device) {
  if (::fsconfig(context.number(), command, key, value, 0) != 0)
    throw SystemError({device, "mount"}, errno);
}

lab::Descriptor root_of(const std::string& root) {
  lab::Descriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) throw SystemError({root, "open"}, errno);
  return folder;
}

}  // namespace

CrashMount::CrashMount(const std::string& fs_type, const std::string& device) {
  const lab::Descriptor context(::fsopen(fs_type.c_str(), FSOPEN_CLOEXEC));
  if (!context) throw SystemError({fs_type, "fsopen"}, errno);
  configure(context, FSCONFIG_SET_STRING, "source", device.c_str(), device);
  configure(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, device);
  mount_ = lab::Descriptor(::fsmount(context.number(), FSMOUNT_CLOEXEC, 0));
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

}  // namespace npyrace
