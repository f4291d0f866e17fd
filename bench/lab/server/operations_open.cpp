// Opening and creating files: where a node learns whether its cached pages may stay.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "bench/lab/server/operations.h"

namespace npyrace::lab {
namespace {

/// The server opens files its own way: it must be able to read what it writes (pages are completed,
/// old content is kept for faults), offsets are the kernel's business, and the store's own
/// durability and alignment rules are not part of any model.
int store_flags(int flags, bool writable) {
  const int kept = flags & (O_EXCL | O_CREAT | O_TRUNC | O_NOFOLLOW);
  return kept | O_CLOEXEC | (writable ? O_RDWR : O_RDONLY);
}

/// Opens a file that exists. Without the right to read, writing alone must do.
Descriptor open_again(const Inode& inode, int flags) {
  const bool writable = (flags & O_ACCMODE) != O_RDONLY;
  const std::string path = inode.reopen_path();
  const int wanted = store_flags(flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW), writable);
  int number = ::open(path.c_str(), wanted);
  if (number < 0 && errno == EACCES && (flags & O_ACCMODE) == O_WRONLY)
    number = ::open(path.c_str(), (wanted & ~O_ACCMODE) | O_WRONLY);
  return Descriptor(number);
}

/// What the kernel is told about the new handle, whose file the faults may forbid to map.
void introduce(Call& call, Inode& inode, Descriptor file, fuse_file_info& info) {
  auto handle =
      std::make_unique<Handle>(Handle{std::move(file), inode.shared_from_this(), info.flags});
  const unsigned node = call.node().index;
  if ((info.flags & O_TRUNC) != 0) inode.file.truncated(node, 0);
  const bool cache_stays = inode.file.opened(node, handle->writable(), handle->file.number());
  info.keep_cache = cache_stays ? 1 : 0;
  if (const FaultSpec* fault = call.struck(FaultKind::no_mmap)) {
    info.direct_io = 1;
    call.log(*fault, {});
  }
  info.fh = reinterpret_cast<std::uint64_t>(handle.release());
}

/// EINVAL where a fault refuses O_DIRECT, otherwise the call's own error.
int refusal(Call& call) {
  if (call.error() != 0) return call.error();
  const FaultSpec* fault = call.struck(FaultKind::no_direct);
  if (fault == nullptr) return 0;
  call.log(*fault, {});
  return EINVAL;
}

void do_open(fuse_req_t request, fuse_ino_t number, fuse_file_info* info) {
  Call call(request, {.operation = Operation::open, .file = number, .open_flags = info->flags});
  if (const int error = refusal(call); error != 0) return void(fuse_reply_err(request, error));
  Descriptor file = open_again(call.inode(), info->flags);
  if (!file) return void(fuse_reply_err(request, errno));
  introduce(call, call.inode(), std::move(file), *info);
  fuse_reply_open(request, info);
}

void do_create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode,
               fuse_file_info* info) {
  Call call(
      request,
      {.operation = Operation::open, .file = parent, .name = name, .open_flags = info->flags});
  if (const int error = refusal(call); error != 0) return void(fuse_reply_err(request, error));
  const int flags = store_flags(info->flags | O_CREAT | O_NOFOLLOW, true);
  Descriptor file(::openat(call.inode().path.number(), name, flags, mode));
  if (!file) return void(fuse_reply_err(request, errno));
  fuse_entry_param entry{};
  if (const int error = find_entry(call.node(), parent, name, entry); error != 0)
    return void(fuse_reply_err(request, error));
  introduce(call, inode_of(call.node(), entry.ino), std::move(file), *info);
  fuse_reply_create(request, &entry, info);
}

}  // namespace

void fill_open_operations(fuse_lowlevel_ops& operations) {
  operations.open = do_open;
  operations.create = do_create;
}

}  // namespace npyrace::lab
