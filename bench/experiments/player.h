#pragma once
// Bytes as hex digits, for lines of text.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bench/remote/fleet.h"
#include "core/file/file.h"
#include "core/os/channel.h"
#include "core/os/exit_code.h"

namespace npyrace {

std::string to_hex(std::span<const std::byte> bytes);

/// Throws std::invalid_argument for anything but pairs of hex digits.
std::vector<std::byte> from_hex(std::string_view digits);

// A player: a process that does to files, step by step, what it is told, so that experiments
// between nodes have one order. Started by PlayerProcess as the hidden command `player`.
//
// One line is one step, "VERB HANDLE [MORE]"; HANDLE is any word, bytes travel as hex digits:
//   open-read, open-write HANDLE PATH · map-read, map-write HANDLE · pwrite, store HANDLE OFFSET
//   BYTES pread, load HANDLE OFFSET SIZE · fsync, msync, munmap, close HANDLE · forget HANDLE
//   create (O_TRUNC), create-new (O_EXCL: "yes", or "no" where one is), exists ("yes", "no"),
//   remove HANDLE PATH · link ("yes", or "no" where one is), rename HANDLE PATH PATH · allocate
//   HANDLE SIZE size HANDLE (a number)
// Paths travel as hex digits, too. store and load go through the mapping. Answers: "ok [BYTES]",
// "refused WORDS" (this file system does not do that), "failed WORDS".

class Player {
 public:
  explicit Player(FileOpener open_file) : open_file_(std::move(open_file)) {}

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

/// What a rank does with the steps that rank 0 sends.
std::function<std::string(const std::string&)> step_player(FileOpener open_file);

struct PlayerRequest {
  int socket = -1;  ///< lines come and go there; its end is the player's end
  int parent = 0;
};

ExitCode play(const PlayerRequest& request, const FileOpener& open_file);

// A player from outside: asked line by line, wherever it is, and never waited for without limit.

/// A step that did not succeed; the player is ready for the next one.
class StepError : public std::runtime_error {
 public:
  StepError(const std::string& words, bool refused)
      : std::runtime_error(words), refused_(refused) {}
  /// The file system does not do such a thing at all.
  bool refused() const { return refused_; }

 private:
  bool refused_;
};

/// The player is dead or does not answer: nothing more can be asked of it.
class PlayerGone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class PlayerHandle {
 public:
  PlayerHandle() = default;
  PlayerHandle(const PlayerHandle&) = delete;
  PlayerHandle& operator=(const PlayerHandle&) = delete;
  virtual ~PlayerHandle() = default;

  /// Lets the player do one step (see player.h) and returns the bytes it answers, as hex digits.
  /// Throws StepError, PlayerGone (and from then on always, at once), Interrupted.
  std::string ask(const std::string& line);

 private:
  /// The answer as player.h has it. Throws PlayerGone, Interrupted.
  virtual std::string answer_to(const std::string& line) = 0;

  std::string gone_;  ///< why nothing more can be asked; else empty
};

// A player that is a process of this machine, started on demand.

class PlayerProcess final : public PlayerHandle {
 public:
  /// `name` says in errors who it was. Throws SystemError when it cannot be started.
  PlayerProcess(std::string name, std::chrono::milliseconds patience);

 private:
  std::string answer_to(const std::string& line) override;
  [[noreturn]] void give_up(const std::string& why);

  std::string name_;
  std::chrono::milliseconds patience_;
  TalkingChild child_;
};

// A player that is a rank: on its host, behind the page cache there.

class RankPlayer final : public PlayerHandle {
 public:
  /// REQUIRES: `rank` is not 0, and `fleet` outlives this.
  RankPlayer(Fleet& fleet, std::uint64_t rank, std::chrono::seconds patience)
      : fleet_(fleet), rank_(rank), patience_(patience) {}

 private:
  std::string answer_to(const std::string& line) override;

  Fleet& fleet_;
  std::uint64_t rank_;
  std::chrono::seconds patience_;
};

}  // namespace npyrace
