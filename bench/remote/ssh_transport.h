#pragma once
// Transport of rank 0 for launcher ssh: one connection per rank. Rank 0 only coordinates; all
// messages between ranks pass through it.

#include <memory>

#include "bench/remote/connection.h"
#include "bench/remote/transport.h"

namespace npyrace {

/// Connects to all ranks; rank w+1 is writer w. Throws FormatError, naming the host, when a rank
/// does not answer or has another version, and Interrupted.
std::unique_ptr<Transport> connect_transport(const SshOrder& order);

}  // namespace npyrace
