#pragma once
// Ctrl-C and SIGTERM end a run at the next safe point: the signal flag, the only global there is.

#include <stdexcept>

namespace npyrace {

/// The user wants the program to end (Ctrl-C, SIGTERM).
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

/// From now on SIGINT, SIGTERM and SIGHUP only set the flag.
void catch_interrupts();
bool interrupted();

/// From now on they end the program at once, with the exit code and the line of an interrupted run:
/// for work that leaves nothing behind when it breaks off.
void end_at_interrupts();

}  // namespace npyrace
