#pragma once
// The program that a lab is for, with its process group and the terminal.

#include <sys/types.h>

#include <string>
#include <vector>

#include "bench/lab/descriptor.h"
#include "bench/lab/lab.h"

namespace npyrace::lab {

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
