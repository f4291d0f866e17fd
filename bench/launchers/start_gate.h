#pragma once
// A common start for programs that are not ours. Each has a FIFO; who opens it for reading and
// reads waits until all have: in Python open(os.environ["NPYRACE_GO"]).read(), in a shell cat
// "$NPYRACE_GO".

#include <string>
#include <vector>

namespace npyrace {

class StartGate {
 public:
  /// Makes a FIFO at each path. Throws SystemError.
  explicit StartGate(std::vector<std::string> paths);
  StartGate(const StartGate&) = delete;
  StartGate& operator=(const StartGate&) = delete;
  ~StartGate();

  /// Looks whether somebody waits at gate number `index`; true from then on.
  bool is_waited_at(std::size_t index);

  /// Lets all who wait go at once.
  void open();

 private:
  std::vector<std::string> paths_;
  std::vector<int> descriptors_;  // -1: nobody waits yet
};

}  // namespace npyrace
