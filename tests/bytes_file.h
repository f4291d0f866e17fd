#pragma once
// A file that only readers use, in memory.

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "tests/forwarding_file.h"

namespace npyrace::testing {

class BytesFile final : public ForwardingFile {
 public:
  explicit BytesFile(std::string bytes) : ForwardingFile(nullptr), bytes_(std::move(bytes)) {}

  std::size_t read_at(std::span<std::byte> buffer, std::uint64_t offset_bytes) override {
    if (offset_bytes >= bytes_.size()) return 0;
    const std::size_t size = std::min<std::size_t>(buffer.size(), bytes_.size() - offset_bytes);
    std::memcpy(buffer.data(), bytes_.data() + offset_bytes, size);
    return size;
  }
  std::uint64_t size_bytes() override { return bytes_.size(); }
  void close() override {}
  const std::string& path() const override { return path_; }

 private:
  std::string bytes_;
  std::string path_ = "input.npy";
};

}  // namespace npyrace::testing
