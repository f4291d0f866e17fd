// Faults that tests/all-sanitizers must see before it believes a clean run: planted FAULT. All but
// one are made by a child whose end nobody looks at, so only the sanitizer's report can tell.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <thread>
#include <vector>

namespace {

/// The optimizer must not see through it.
volatile int one = 1;

void use_after_free() {
  int* const number = new int(one);
  delete number;
  std::printf("%d\n", *static_cast<volatile int*>(number));
}

void beyond_the_end() {
  const std::vector<int> numbers(static_cast<std::size_t>(one));
  std::printf("%d\n", static_cast<const volatile int*>(numbers.data())[one]);
}

void leak() {
  for (int i = 0; i < 10; ++i) *static_cast<volatile char*>(std::malloc(100)) = 'x';
}

void overflow() {
  std::printf("%d\n", std::numeric_limits<int>::max() + one);
}

void race() {
  int count = 0;
  std::thread other([&] { ++count; });
  ++count;
  other.join();
  std::printf("%d\n", count);
}

void race_in_a_loop() {
  int count = 0;
#pragma omp parallel for num_threads(4)
  for (int i = 0; i < 4000; ++i) ++count;
  std::printf("%d\n", count);
}

/// No fault: what OpenMP synchronizes must not be reported.
void right_loop() {
  std::vector<int> numbers(4000);
  int count = 0;
#pragma omp parallel for num_threads(4) reduction(+ : count)
  for (int i = 0; i < 4000; ++i) {
    numbers[static_cast<std::size_t>(i)] = i;
    ++count;
  }
#pragma omp parallel for num_threads(4)
  for (int i = 0; i < 4000; ++i) numbers[static_cast<std::size_t>(3999 - i)] += 1;
  std::printf("%d\n", count + numbers[1]);
}

struct Fault {
  std::string_view name;
  void (*make)();
};

constexpr Fault kFaults[] = {
    {"use-after-free", use_after_free},
    {"beyond-the-end", beyond_the_end},
    {"leak", leak},
    {"overflow", overflow},
    {"race", race},
    {"race-in-a-loop", race_in_a_loop},
    {"right-loop", right_loop},
};

}  // namespace

int main(int count, char** arguments) {
  for (const Fault& fault : kFaults) {
    if (count != 2 || fault.name != arguments[1]) continue;
    const pid_t child = ::fork();
    if (child < 0) return 3;
    if (child == 0) {
      fault.make();
      return 0;
    }
    ::waitpid(child, nullptr, 0);
    return 0;
  }
  std::fprintf(stderr, "planted FAULT:");
  for (const Fault& fault : kFaults)
    std::fprintf(stderr, " %.*s", static_cast<int>(fault.name.size()), fault.name.data());
  std::fprintf(stderr, "\n");
  return 2;
}
