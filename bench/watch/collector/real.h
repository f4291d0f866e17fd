#pragma once
// The original functions behind the collector's wrappers: those of the next library that defines
// them, which is another preloaded library or the C library.

#include <atomic>

namespace npyrace::watch {

void* next_function(const char* name);

/// Looked up at the first call, because constructors of other libraries may call it before the
/// collector's constructor has run.
template <typename Function>
class Real {
 public:
  /// `other`: the same function in C libraries that lack `name`.
  explicit constexpr Real(const char* name, const char* other = nullptr)
      : name_(name), other_(other) {}

  Function* get() {
    void* found = function_.load(std::memory_order_relaxed);
    if (found == nullptr) {
      found = next_function(name_);
      if (found == nullptr && other_ != nullptr) found = next_function(other_);
      function_.store(found, std::memory_order_relaxed);
    }
    return reinterpret_cast<Function*>(found);
  }

  template <typename... Arguments>
  auto operator()(Arguments... arguments) {
    return get()(arguments...);
  }

 private:
  const char* name_;
  const char* other_;
  std::atomic<void*> function_ = nullptr;
};

}  // namespace npyrace::watch
