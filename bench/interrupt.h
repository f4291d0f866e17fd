#pragma once
// Ctrl-C and SIGTERM end a run at the next safe point: the signal flag, the only global there is.

namespace npyrace {

/// From now on SIGINT, SIGTERM and SIGHUP only set the flag.
void catch_interrupts();
bool interrupted();

}  // namespace npyrace
