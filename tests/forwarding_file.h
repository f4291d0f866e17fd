#pragma once
// A file that forwards all calls. Faulty files of tests override some of them.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/file/file.h"

namespace npyrace::testing {

class ForwardingFile : public File {
 public:
  explicit ForwardingFile(std::unique_ptr<File> inner) : inner_(std::move(inner)) {}

  std::size_t read_at(std::span<std::byte> buffer, std::uint64_t offset_bytes) override {
    return inner_->read_at(buffer, offset_bytes);
  }
  void write_at(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    inner_->write_at(data, offset_bytes);
  }
  void write_at_synced(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    inner_->write_at_synced(data, offset_bytes);
  }
  void write_gathered(std::span<const std::span<const std::byte>> parts,
                      std::uint64_t offset_bytes) override {
    inner_->write_gathered(parts, offset_bytes);
  }
  void write_at_atomically(std::span<const std::byte> data, std::uint64_t offset_bytes) override {
    inner_->write_at_atomically(data, offset_bytes);
  }
  void copy_from(File& source, std::uint64_t from_bytes, std::uint64_t offset_bytes,
                 std::uint64_t size_bytes) override {
    auto* forwarding = dynamic_cast<ForwardingFile*>(&source);
    inner_->copy_from(forwarding ? *forwarding->inner_ : source, from_bytes, offset_bytes,
                      size_bytes);
  }
  std::unique_ptr<WriteQueue> write_queue() override { return inner_->write_queue(); }
  std::unique_ptr<Stream> stream() override { return inner_->stream(); }
  DirectLimits direct_limits() override { return inner_->direct_limits(); }
  std::unique_ptr<Mapping> map(const MapRequest& request) override { return inner_->map(request); }
  void lock(std::uint64_t offset_bytes, std::uint64_t size_bytes) override {
    inner_->lock(offset_bytes, size_bytes);
  }
  bool try_lock(std::uint64_t offset_bytes, std::uint64_t size_bytes) override {
    return inner_->try_lock(offset_bytes, size_bytes);
  }
  void unlock(std::uint64_t offset_bytes, std::uint64_t size_bytes) override {
    inner_->unlock(offset_bytes, size_bytes);
  }
  void sync() override { inner_->sync(); }
  std::uint64_t size_bytes() override { return inner_->size_bytes(); }
  void allocate(std::uint64_t size_bytes) override { inner_->allocate(size_bytes); }
  std::optional<std::uint64_t> next_data(std::uint64_t offset_bytes) override {
    return inner_->next_data(offset_bytes);
  }
  std::optional<std::uint64_t> cached_bytes() override { return inner_->cached_bytes(); }
  void drop_cache(std::uint64_t offset_bytes, std::uint64_t size_bytes) override {
    inner_->drop_cache(offset_bytes, size_bytes);
  }
  void close() override { inner_->close(); }
  const std::string& path() const override { return inner_->path(); }

 private:
  std::unique_ptr<File> inner_;
};

}  // namespace npyrace::testing
