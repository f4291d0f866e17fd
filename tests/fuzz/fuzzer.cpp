// Gives one target to libFuzzer, whose main function calls these: --target=NAME.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/fuzz/targets.h"

namespace {

const npyrace::fuzz::Target* chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  constexpr std::string_view kOption = "--target=";  // libFuzzer ignores options with two dashes
  for (int i = 1; i < *count; ++i) {
    const std::string_view argument = (*arguments)[i];
    for (const auto& target : npyrace::fuzz::targets())
      if (argument.starts_with(kOption) && argument.substr(kOption.size()) == target.name)
        chosen = &target;
  }
  if (chosen != nullptr) return 0;
  for (const auto& target : npyrace::fuzz::targets())
    std::fprintf(stderr, "--target=%-9s %s\n", target.name, target.reader);
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  chosen->read({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
