#pragma once
// File agents: processes that execute file operations one by one on command, so that experiments
// between nodes have a defined order. The protocol, the agent's side, and handles for a local
// process and for a rank.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bench/remote/coordinator.h"
#include "bench/remote/rank_service.h"
#include "core/file/file.h"
#include "core/os/channel.h"
#include "core/os/exit_code.h"

namespace npyrace {

/// Encodes bytes as hex digits for the line protocol.
std::string to_hex(std::span<const std::byte> bytes);

/// Throws std::invalid_argument for anything but pairs of hex digits.
std::vector<std::byte> from_hex(std::string_view digits);

// The agent's side; LocalAgent starts it by the hidden command `agent`.
//
// Each line is one step, "VERB HANDLE [ARGUMENTS]". HANDLE is any word; BYTES and PATHs are hex
// digits; load and store access the mapping.
//   open-read, open-write, create (O_TRUNC), remove HANDLE PATH
//   create-new (O_EXCL), exists HANDLE PATH: answer "yes" or "no"
//   link HANDLE PATH PATH: "yes", or "no" if the second exists
//   rename HANDLE PATH PATH
//   map-read, map-write, fsync, msync, munmap, close, forget HANDLE
//   size HANDLE: a number
//   allocate HANDLE SIZE
//   pwrite, store HANDLE OFFSET BYTES
//   pread, load HANDLE OFFSET SIZE: the bytes
// Answers: "ok [BYTES]", "refused MESSAGE" (not supported by this file system), "failed MESSAGE".

class AgentCommands {
 public:
  explicit AgentCommands(FileOpener open_file) : open_file_(std::move(open_file)) {}

  /// Never throws for what a line may ask.
  std::string answer(const std::string& line);

 private:
  struct Held {
    std::unique_ptr<File> file;
    std::unique_ptr<Mapping> mapping;
  };
  std::string act(const std::string& line);
  std::string create_new(std::unique_ptr<File>& file, std::istringstream& words);

  FileOpener open_file_;
  std::map<std::string, Held> held_;
};

/// The handler for experiment steps that a rank receives from rank 0.
StepHandler step_agent(FileOpener open_file);

struct AgentRequest {
  int socket = -1;  ///< receives lines and sends answers; the agent ends when it is closed
  int parent = 0;
};

ExitCode play(const AgentRequest& request, const FileOpener& open_file);

// Handles through which an experiment controls agents; every step has a time limit.

/// A step failed; the agent is ready for the next one.
class StepError : public std::runtime_error {
 public:
  StepError(const std::string& words, bool refused)
      : std::runtime_error(words), refused_(refused) {}
  /// True if the file system does not support the operation.
  bool refused() const { return refused_; }

 private:
  bool refused_;
};

/// The agent has died or does not answer; it cannot be used any more.
class AgentGone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class FileAgent {
 public:
  FileAgent() = default;
  FileAgent(const FileAgent&) = delete;
  FileAgent& operator=(const FileAgent&) = delete;
  virtual ~FileAgent() = default;

  /// Executes one step (syntax above) and returns its answer bytes as hex digits. Throws StepError,
  /// AgentGone (then on every later call), Interrupted.
  std::string ask(const std::string& line);

 private:
  /// Returns the answer line. Throws AgentGone, Interrupted.
  virtual std::string answer_to(const std::string& line) = 0;

  std::string gone_;  ///< why the agent is gone; empty: it is usable
};

// A agent in a process on this machine, started on first use.

class LocalAgent final : public FileAgent {
 public:
  /// `name` identifies it in error messages. Throws SystemError when it cannot be started.
  LocalAgent(std::string name, std::chrono::milliseconds patience);

 private:
  std::string answer_to(const std::string& line) override;
  [[noreturn]] void give_up(const std::string& why);

  std::string name_;
  std::chrono::milliseconds patience_;
  TalkingChild child_;
};

// A agent on a rank's host, behind that host's page cache.

class RankAgent final : public FileAgent {
 public:
  /// REQUIRES: `rank` is not 0; `coordinator` outlives this object.
  RankAgent(Coordinator& coordinator, std::uint64_t rank, std::chrono::seconds patience)
      : coordinator_(coordinator), rank_(rank), patience_(patience) {}

 private:
  std::string answer_to(const std::string& line) override;

  Coordinator& coordinator_;
  std::uint64_t rank_;
  std::chrono::seconds patience_;
};

}  // namespace npyrace
