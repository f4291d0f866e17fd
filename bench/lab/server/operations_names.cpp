// Operations on names: open and create, which decide whether a node's cached pages remain valid,
// and attributes and directories.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

#include "bench/lab/server/operations.h"

namespace npyrace::lab {
namespace {

/// The server opens files with its own flags: it must read what it writes (to complete pages, and
/// to keep old content for faults); offsets are handled by the kernel; sync and alignment flags of
/// the store are not part of any model.
int store_flags(int flags, bool writable) {
  const int kept = flags & (O_EXCL | O_CREAT | O_TRUNC | O_NOFOLLOW);
  return kept | O_CLOEXEC | (writable ? O_RDWR : O_RDONLY);
}

/// Reopens an existing file. Falls back to write-only if reading is not permitted.
Descriptor open_again(const Inode& inode, int flags) {
  const bool writable = (flags & O_ACCMODE) != O_RDONLY;
  const std::string path = inode.reopen_path();
  const int wanted = store_flags(flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW), writable);
  int number = ::open(path.c_str(), wanted);
  if (number < 0 && errno == EACCES && (flags & O_ACCMODE) == O_WRONLY)
    number = ::open(path.c_str(), (wanted & ~O_ACCMODE) | O_WRONLY);
  return Descriptor(number);
}

/// Initializes the reply for a new handle; a fault may forbid mapping its file.
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

/// EINVAL if a fault refuses O_DIRECT, else the call's own error.
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

// Names and attributes. In every model all nodes see changes of names immediately, because the
// imitated file systems have a single metadata server.

int read_attributes(Node& node, Inode& inode, struct stat& status) {
  if (::fstatat(inode.path.number(), "", &status, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0)
    return errno;
  if (!inode.regular) return 0;
  const auto stored = static_cast<std::uint64_t>(status.st_size);
  status.st_size = static_cast<off_t>(inode.file.size_bytes(node.index, stored));
  return 0;
}

int find_entry(Node& node, fuse_ino_t parent, const char* name, fuse_entry_param& entry) {
  const int folder = inode_of(node, parent).path.number();
  Descriptor path(::openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!path) return errno;
  struct stat status {};
  if (::fstatat(path.number(), "", &status, AT_EMPTY_PATH) != 0) return errno;
  const auto inode = node.cluster.inodes.remember(node.index, std::move(path), status);
  entry.ino = reinterpret_cast<fuse_ino_t>(inode.get());
  return read_attributes(node, *inode, entry.attr);  // timeouts stay 0: names are never stale
}

void reply_entry(fuse_req_t request, fuse_ino_t parent, const char* name) {
  fuse_entry_param entry{};
  const int error = find_entry(node_of(request), parent, name, entry);
  error != 0 ? fuse_reply_err(request, error) : fuse_reply_entry(request, &entry);
}

namespace {

Call meta_call(fuse_req_t request, fuse_ino_t file, const char* name = "") {
  return Call(request, {.operation = Operation::meta, .file = file, .name = name});
}

int folder_of(Call& call) {
  return call.inode().path.number();
}

/// `result` is the return value of a system call.
void reply_result(fuse_req_t request, int result) {
  fuse_reply_err(request, result == 0 ? 0 : errno);
}

void do_lookup(fuse_req_t request, fuse_ino_t parent, const char* name) {
  const Call call = meta_call(request, parent, name);
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  reply_entry(request, parent, name);
}

void do_forget(fuse_req_t request, fuse_ino_t number, std::uint64_t lookups) {
  Node& node = node_of(request);
  if (number != FUSE_ROOT_ID) node.cluster.inodes.forget(inode_of(node, number), lookups);
  fuse_reply_none(request);
}

void do_forget_multi(fuse_req_t request, std::size_t count, fuse_forget_data* forgets) {
  Node& node = node_of(request);
  for (std::size_t i = 0; i < count; ++i)
    if (forgets[i].ino != FUSE_ROOT_ID)
      node.cluster.inodes.forget(inode_of(node, forgets[i].ino), forgets[i].nlookup);
  fuse_reply_none(request);
}

void reply_attributes(fuse_req_t request, Call& call) {
  struct stat status {};
  const int error = read_attributes(call.node(), call.inode(), status);
  error != 0 ? fuse_reply_err(request, error) : fuse_reply_attr(request, &status, 0);
}

void do_getattr(fuse_req_t request, fuse_ino_t number, fuse_file_info*) {
  Call call = meta_call(request, number);
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  reply_attributes(request, call);
}

int set_size(Call& call, off_t size_bytes, const fuse_file_info* info) {
  const int result = info != nullptr ? ::ftruncate(handle_of(*info).file.number(), size_bytes)
                                     : ::truncate(call.inode().reopen_path().c_str(), size_bytes);
  if (result != 0) return errno;
  call.inode().size_told_bytes = static_cast<std::uint64_t>(size_bytes);
  call.inode().file.truncated(call.node().index, static_cast<std::uint64_t>(size_bytes));
  return 0;
}

int set_owner(const Inode& inode, const struct stat& wanted, int what) {
  const uid_t user = (what & FUSE_SET_ATTR_UID) != 0 ? wanted.st_uid : static_cast<uid_t>(-1);
  const gid_t group = (what & FUSE_SET_ATTR_GID) != 0 ? wanted.st_gid : static_cast<gid_t>(-1);
  const int flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW;
  return ::fchownat(inode.path.number(), "", user, group, flags) == 0 ? 0 : errno;
}

int set_times(const Inode& inode, const struct stat& wanted, int what) {
  std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, timespec{0, UTIME_OMIT}};
  if ((what & FUSE_SET_ATTR_ATIME) != 0) times[0] = wanted.st_atim;
  if ((what & FUSE_SET_ATTR_MTIME) != 0) times[1] = wanted.st_mtim;
  if ((what & FUSE_SET_ATTR_ATIME_NOW) != 0) times[0].tv_nsec = UTIME_NOW;
  if ((what & FUSE_SET_ATTR_MTIME_NOW) != 0) times[1].tv_nsec = UTIME_NOW;
  return ::utimensat(AT_FDCWD, inode.reopen_path().c_str(), times.data(), 0) == 0 ? 0 : errno;
}

int set_attributes(Call& call, const struct stat& wanted, int what, const fuse_file_info* info) {
  int error = 0;
  const Inode& inode = call.inode();
  if ((what & FUSE_SET_ATTR_MODE) != 0)
    error = ::chmod(inode.reopen_path().c_str(), wanted.st_mode) == 0 ? 0 : errno;
  if (error == 0 && (what & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) != 0)
    error = set_owner(inode, wanted, what);
  if (error == 0 && (what & FUSE_SET_ATTR_SIZE) != 0) error = set_size(call, wanted.st_size, info);
  if (error == 0 && (what & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME)) != 0)
    error = set_times(inode, wanted, what);
  return error;
}

void do_setattr(fuse_req_t request, fuse_ino_t number, struct stat* wanted, int what,
                fuse_file_info* info) {
  Call call = meta_call(request, number);
  const int error = call.error() != 0 ? call.error() : set_attributes(call, *wanted, what, info);
  error != 0 ? void(fuse_reply_err(request, error)) : reply_attributes(request, call);
}

void do_readlink(fuse_req_t request, fuse_ino_t number) {
  Call call = meta_call(request, number);
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  std::array<char, PATH_MAX + 1> target{};
  const ssize_t size = ::readlinkat(folder_of(call), "", target.data(), target.size() - 1);
  size < 0 ? fuse_reply_err(request, errno) : fuse_reply_readlink(request, target.data());
}

/// Creates an entry by `make(folder)`, which returns the result of its system call, and replies
/// with it.
template <typename Make>
void make_entry(fuse_req_t request, fuse_ino_t parent, const char* name, Make make) {
  Call call = meta_call(request, parent, name);
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  if (make(folder_of(call)) != 0) return void(fuse_reply_err(request, errno));
  reply_entry(request, parent, name);
}

void do_mknod(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t device) {
  make_entry(request, parent, name,
             [&](int folder) { return ::mknodat(folder, name, mode, device); });
}

void do_mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode) {
  make_entry(request, parent, name, [&](int folder) { return ::mkdirat(folder, name, mode); });
}

void do_symlink(fuse_req_t request, const char* target, fuse_ino_t parent, const char* name) {
  make_entry(request, parent, name, [&](int folder) { return ::symlinkat(target, folder, name); });
}

void do_link(fuse_req_t request, fuse_ino_t number, fuse_ino_t parent, const char* name) {
  const std::string old_path = inode_of(node_of(request), number).reopen_path();
  make_entry(request, parent, name, [&](int folder) {
    return ::linkat(AT_FDCWD, old_path.c_str(), folder, name, AT_SYMLINK_FOLLOW);
  });
}

void remove_entry(fuse_req_t request, fuse_ino_t parent, const char* name, int flags) {
  Call call = meta_call(request, parent, name);
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  if (::unlinkat(folder_of(call), name, flags) != 0) return void(fuse_reply_err(request, errno));
  call.node().cluster.name_removed(call.inode(), name, call.node().index);
  fuse_reply_err(request, 0);
}

void do_unlink(fuse_req_t request, fuse_ino_t parent, const char* name) {
  remove_entry(request, parent, name, 0);
}

void do_rmdir(fuse_req_t request, fuse_ino_t parent, const char* name) {
  remove_entry(request, parent, name, AT_REMOVEDIR);
}

void do_rename(fuse_req_t request, fuse_ino_t parent, const char* name, fuse_ino_t new_parent,
               const char* new_name, unsigned flags) {
  Call call = meta_call(request, parent, name);
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  const int new_folder = inode_of(call.node(), new_parent).path.number();
  reply_result(request, ::renameat2(folder_of(call), name, new_folder, new_name, flags));
}

struct FolderHandle {
  std::mutex mutex;
  DIR* entries = nullptr;
  ~FolderHandle() {
    if (entries != nullptr) ::closedir(entries);
  }
};

void do_opendir(fuse_req_t request, fuse_ino_t number, fuse_file_info* info) {
  Call call = meta_call(request, number);
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  Descriptor folder(::openat(folder_of(call), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return void(fuse_reply_err(request, errno));
  auto handle = std::make_unique<FolderHandle>();
  handle->entries = ::fdopendir(::fcntl(folder.number(), F_DUPFD_CLOEXEC, 0));
  if (handle->entries == nullptr) return void(fuse_reply_err(request, errno));
  info->fh = reinterpret_cast<std::uint64_t>(handle.release());
  fuse_reply_open(request, info);
}

/// Entries from `offset`, as many as fit into `size` bytes.
std::vector<char> read_entries(fuse_req_t request, FolderHandle& handle, std::size_t size,
                               off_t offset) {
  const std::lock_guard lock(handle.mutex);
  offset == 0 ? ::rewinddir(handle.entries) : ::seekdir(handle.entries, static_cast<long>(offset));
  std::vector<char> buffer(size);
  std::size_t used = 0;
  while (const dirent* entry = ::readdir(handle.entries)) {
    struct stat status {};
    status.st_ino = entry->d_ino;
    // DT_* are the type bits of the mode.
    status.st_mode = static_cast<mode_t>(entry->d_type) << 12;
    const std::size_t needed = fuse_add_direntry(request, buffer.data() + used, size - used,
                                                 entry->d_name, &status, entry->d_off);
    if (used + needed > size) break;
    used += needed;
  }
  buffer.resize(used);
  return buffer;
}

/// Replies last: afterwards the handle may be released at any time.
void do_readdir(fuse_req_t request, fuse_ino_t, std::size_t size, off_t offset,
                fuse_file_info* info) {
  auto& handle = *reinterpret_cast<FolderHandle*>(info->fh);
  const std::vector<char> entries = read_entries(request, handle, size, offset);
  fuse_reply_buf(request, entries.data(), entries.size());
}

void do_releasedir(fuse_req_t request, fuse_ino_t, fuse_file_info* info) {
  delete reinterpret_cast<FolderHandle*>(info->fh);
  fuse_reply_err(request, 0);
}

void do_fsyncdir(fuse_req_t request, fuse_ino_t, int, fuse_file_info*) {
  fuse_reply_err(request, 0);
}

void do_statfs(fuse_req_t request, fuse_ino_t number) {
  Call call = meta_call(request, number);
  if (call.error() != 0) return void(fuse_reply_err(request, call.error()));
  struct statvfs status {};
  if (::statvfs(call.node().cluster.store.c_str(), &status) != 0)
    return void(fuse_reply_err(request, errno));
  fuse_reply_statfs(request, &status);
}

}  // namespace

void fill_name_operations(fuse_lowlevel_ops& operations) {
  operations.lookup = do_lookup;
  operations.forget = do_forget;
  operations.forget_multi = do_forget_multi;
  operations.getattr = do_getattr;
  operations.setattr = do_setattr;
  operations.readlink = do_readlink;
  operations.mknod = do_mknod;
  operations.mkdir = do_mkdir;
  operations.symlink = do_symlink;
  operations.link = do_link;
  operations.unlink = do_unlink;
  operations.rmdir = do_rmdir;
  operations.rename = do_rename;
  operations.opendir = do_opendir;
  operations.readdir = do_readdir;
  operations.releasedir = do_releasedir;
  operations.fsyncdir = do_fsyncdir;
  operations.statfs = do_statfs;
}

}  // namespace npyrace::lab
