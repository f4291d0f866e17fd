#pragma once
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

#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "bench/exit_code.h"
#include "core/file.h"

namespace npyrace {

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

}  // namespace npyrace
