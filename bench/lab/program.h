#pragma once
// Runs a program on a lab: its process group, its terminal, signals, and its forced end when an
// operation hangs.

#include <sys/types.h>

#include <string>
#include <vector>

#include "bench/lab/lab.h"
#include "core/os/descriptor.h"

namespace npyrace::lab {

/// True if a process of the group has a pending fatal signal but sleeps uninterruptibly in a system
/// call.
bool hangs(pid_t group);

// The program's process group and terminal.

/// A program in a process group of its own; on a terminal it becomes the foreground group, as in a
/// shell.
class Program {
 public:
  /// Starts the program, with `lab_command` in NPYRACE_LAB_COMMAND. Throws SystemError.
  Program(Lab& lab, const std::vector<std::string>& arguments, const std::string& lab_command);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  /// Becomes readable when the program has exited; for poll.
  int exit_descriptor() const { return exit_.number(); }
  void signal(int number) const;

  /// Waits for the program and returns its exit code. Ends the rest of its process group.
  int collect();
  /// Sends SIGKILL; if that does not end it, aborts the lab's mounts. Returns the exit code.
  int end_by_force();

  /// Call on SIGCHLD: if the terminal stopped the program (Ctrl-Z), stops this process, too, so
  /// that the shell gets its terminal back.
  void follow_stop();
  /// Call on SIGCONT.
  void follow_continue();

  /// True if a process of the group cannot react to Ctrl-C because an operation hangs. The terminal
  /// sends that signal to the program only.
  bool hangs() const;
  bool has_terminal() const { return terminal_is_given_; }

 private:
  void give_terminal(pid_t group) const;
  void take_terminal() const;

  Lab& lab_;
  pid_t child_ = -1;  ///< -1 after it was waited for
  pid_t group_ = -1;
  Descriptor exit_;
  bool terminal_is_given_ = false;
};

}  // namespace npyrace::lab

namespace npyrace {

// Running a program until it ends; it ends with the lab at the latest.

/// Replaces {n1}, {n2}, … and {store} in every argument. Throws UsageError for a node that does not
/// exist.
std::vector<std::string> with_places(std::vector<std::string> arguments, const Lab& lab);

/// Returns the program's exit code as a shell does (128 plus the signal number if it was killed).
/// Forwards SIGINT, SIGTERM and SIGHUP, followed by SIGKILL if the program does not end soon.
/// Throws SystemError if it cannot be started, std::runtime_error if the lab's server dies.
/// `lab_command` is the command that makes the lab again; a run advises commands with it.
int run_on_lab(Lab& lab, const std::vector<std::string>& arguments, const std::string& lab_command);

}  // namespace npyrace
