#pragma once
// A file with injected faults: it skips, tears, misplaces or corrupts chosen writes. Changes
// through a mapping are written in pieces, with the same faults, when it is synced or unmapped.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/file/file.h"
#include "core/file/posix_file.h"
#include "tests/forwarding_file.h"

namespace npyrace::testing {

enum class FaultKind {
  skip,      ///< the write is acknowledged but not performed
  tear,      ///< only the first `amount` bytes are written
  misplace,  ///< it is written `amount` bytes after its offset
  flip,      ///< byte `amount` is written with one bit changed
};

struct Fault {
  FaultKind kind = FaultKind::skip;
  std::uint64_t offset_bytes = 0;  ///< affects the write that begins here
  std::uint64_t amount = 0;
};

/// How the changes of a mapping are divided into writes.
struct Pieces {
  std::uint64_t first_bytes = 0;  ///< file offset of the first piece
  std::uint64_t step_bytes = 1;
};

class FaultyFile final : public ForwardingFile {
 public:
  FaultyFile(std::unique_ptr<File> inner, std::vector<Fault> faults, Pieces pieces)
      : ForwardingFile(std::move(inner)), faults_(std::move(faults)), pieces_(pieces) {}

  void write_at(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    for (const Fault& fault : faults_)
      if (fault.offset_bytes == offset_bytes) return write_badly(fault, data);
    ForwardingFile::write_at(data, offset_bytes);
  }

  void write_at_synced(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    write_at(data, offset_bytes);
  }

  void write_gathered(std::span<const std::span<const std::byte>> parts,
                      std::uint64_t offset_bytes) override {
    for (const auto& part : parts) {
      write_at(part, offset_bytes);
      offset_bytes += part.size();
    }
  }

  void write_at_atomically(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    write_at(data, offset_bytes);
  }

  std::unique_ptr<WriteQueue> write_queue() override;
  std::unique_ptr<Stream> stream() override;

  std::unique_ptr<Mapping> map(const MapRequest& request) override;

  Pieces pieces() const { return pieces_; }

 private:
  void write_badly(const Fault& fault, std::span<const std::byte> data) {
    std::vector<std::byte> copy(data.begin(), data.end());
    const auto amount = static_cast<std::size_t>(fault.amount);
    switch (fault.kind) {
      case FaultKind::skip:
        return;
      case FaultKind::tear:
        return ForwardingFile::write_at(data.first(amount), fault.offset_bytes);
      case FaultKind::misplace:
        return ForwardingFile::write_at(data, fault.offset_bytes + amount);
      case FaultKind::flip:
        break;
    }
    copy[amount] ^= std::byte{0x40};
    ForwardingFile::write_at(copy, fault.offset_bytes);
  }

  std::vector<Fault> faults_;
  Pieces pieces_;
};

/// A private copy in memory; changed bytes are written through the faulty file.
class FaultyMapping final : public Mapping {
 public:
  FaultyMapping(FaultyFile& file, const MapRequest& request)
      : file_(file), request_(request), memory_(static_cast<std::size_t>(request.size_bytes)) {
    file.read_at(memory_, request.offset_bytes);
    before_ = memory_;
  }

  std::span<std::byte> bytes() override { return memory_; }

  void sync() override {
    const auto [first_bytes, step] = file_.pieces();
    std::uint64_t at =
        first_bytes > request_.offset_bytes ? first_bytes - request_.offset_bytes : 0;
    for (; at < request_.size_bytes; at += step) {
      const auto piece = std::span(memory_).subspan(
          static_cast<std::size_t>(at),
          static_cast<std::size_t>(std::min(step, request_.size_bytes - at)));
      if (std::memcmp(piece.data(), before_.data() + at, piece.size()) != 0)
        file_.write_at(piece, request_.offset_bytes + at);
    }
    before_ = memory_;
  }

  void sync_range(std::uint64_t, std::uint64_t) override {}  // all changes are written at the end
  void unmap() override { sync(); }

 private:
  FaultyFile& file_;
  MapRequest request_;
  std::vector<std::byte> memory_;
  std::vector<std::byte> before_;
};

inline std::unique_ptr<Mapping> FaultyFile::map(const MapRequest& request) {
  return std::make_unique<FaultyMapping>(*this, request);
}

/// A queue that performs each write immediately.
class FaultyQueue final : public WriteQueue {
 public:
  explicit FaultyQueue(FaultyFile& file) : file_(file) {}
  void add(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    file_.write_at(data, offset_bytes);
  }
  void drain() override {}

 private:
  FaultyFile& file_;
};

inline std::unique_ptr<WriteQueue> FaultyFile::write_queue() {
  return std::make_unique<FaultyQueue>(*this);
}

/// A stream of the C library whose transfers go through the faulty file.
struct FaultyCookie {
  FaultyFile& file;
  std::uint64_t at_bytes = 0;

  static ssize_t read(void* cookie, char* buffer, size_t size) {
    auto& self = *static_cast<FaultyCookie*>(cookie);
    const auto got =
        self.file.read_at(std::as_writable_bytes(std::span(buffer, size)), self.at_bytes);
    self.at_bytes += got;
    return static_cast<ssize_t>(got);
  }
  static ssize_t write(void* cookie, const char* buffer, size_t size) {
    auto& self = *static_cast<FaultyCookie*>(cookie);
    self.file.write_at(std::as_bytes(std::span(buffer, size)), self.at_bytes);
    self.at_bytes += size;
    return static_cast<ssize_t>(size);
  }
  static int seek(void* cookie, off64_t* offset, int whence) {
    auto& self = *static_cast<FaultyCookie*>(cookie);
    const std::uint64_t from = whence == SEEK_SET   ? 0
                               : whence == SEEK_CUR ? self.at_bytes
                                                    : self.file.size_bytes();
    self.at_bytes = from + static_cast<std::uint64_t>(*offset);
    *offset = static_cast<off64_t>(self.at_bytes);
    return 0;
  }
  static int close(void* cookie) {
    delete static_cast<FaultyCookie*>(cookie);
    return 0;
  }
};

inline std::unique_ptr<Stream> FaultyFile::stream() {
  return adopt_stdio_stream(path(),
                            ::fopencookie(new FaultyCookie{*this}, "r+",
                                          {.read = FaultyCookie::read,
                                           .write = FaultyCookie::write,
                                           .seek = FaultyCookie::seek,
                                           .close = FaultyCookie::close}),
                            "fopencookie");
}

/// Opens real files with faults, never with O_DIRECT, because it would refuse a part of a block or
/// a misaligned block, which a faulty disk may write.
inline FileOpener faulty_opener(std::vector<Fault> faults, Pieces pieces) {
  return [=](const std::string& path, OpenOptions options) -> std::unique_ptr<File> {
    options.direct = false;
    return std::make_unique<FaultyFile>(open_posix_file(path, options), faults, pieces);
  };
}

}  // namespace npyrace::testing
