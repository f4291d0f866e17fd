#pragma once
// What /proc tells of a process group.

#include <sys/types.h>

#include <string>
#include <vector>

#include "bench/lab/lab.h"
#include "core/os/descriptor.h"

namespace npyrace::lab {

/// Whether some process of the group was told to end, but waits for the system and cannot hear it.
bool hangs(pid_t group);

// The program that a lab is for, with its process group and the terminal.

/// A program in a process group of its own; on a terminal it gets the foreground, as from a shell.
class Program {
 public:
  /// Starts it. Throws SystemError.
  Program(Lab& lab, const std::vector<std::string>& arguments);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  /// Readable when it has ended; for poll.
  int exit_descriptor() const { return exit_.number(); }
  void signal(int number) const;

  /// Waits for its exit code. What it left running ends with it.
  int collect();
  /// SIGKILL, and where even that does not help, the end of the mounts.
  int end_by_force();

  /// On SIGCHLD: when the terminal stopped it (Ctrl-Z), we stop, too, so that the shell gets its
  /// terminal back.
  void follow_stop();
  /// On SIGCONT.
  void follow_continue();

  /// A terminal tells the program of Ctrl-C, not us. Whether somebody of its group cannot hear
  /// that, because an operation hangs.
  bool hangs() const;
  bool has_terminal() const { return terminal_is_given_; }

 private:
  void give_terminal(pid_t group) const;
  void take_terminal() const;

  Lab& lab_;
  pid_t child_ = -1;  ///< -1 when it was collected
  pid_t group_ = -1;
  Descriptor exit_;
  bool terminal_is_given_ = false;
};

}  // namespace npyrace::lab

namespace npyrace {

// Runs a program on a lab and sees to it that it ends: with the lab's end at the latest.

/// {n1}, {n2}, … and {store} replaced in every argument. Throws UsageError for a node that is not
/// there.
std::vector<std::string> with_places(std::vector<std::string> arguments, const Lab& lab);

/// Returns the program's exit code as a shell would (128 and the signal's number where it was
/// killed). SIGINT, SIGTERM and SIGHUP are passed on to it, and when that does not end it soon,
/// SIGKILL. Throws SystemError where it cannot be started, std::runtime_error where the lab's
/// server dies meanwhile.
int run_on_lab(Lab& lab, const std::vector<std::string>& arguments);

}  // namespace npyrace
