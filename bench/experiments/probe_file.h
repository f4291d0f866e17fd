#pragma once
// Testbed of the `semantics` experiments: the agents on their nodes, and a file that they write
// and read step by step.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/experiments/file_agent.h"
#include "bench/experiments/semantics_rows.h"
#include "bench/storage/mounts.h"
#include "bench/storage/race_file.h"

namespace npyrace {

class Coordinator;
struct SemanticsPlan;

/// An agent and its directory.
struct Node {
  FileAgent* agent = nullptr;
  std::string dir;       ///< as the agent sees it
  std::string dir_here;  ///< the same file system as this process sees it
  std::string name;      ///< in reports: "mount 2"
};

struct Testbed {
  std::vector<std::unique_ptr<FileAgent>> agents;
  std::vector<Node> nodes;  ///< at least two
  std::string between;      ///< see Passport
};

/// With ranks, uses one rank behind each distinct page cache; otherwise one process per mount. With
/// a single page cache, two agents stand for two nodes. Throws SystemError when no agent can be
/// started.
Testbed set_stage(const SemanticsPlan& plan, Coordinator* coordinator);

// A probe file: the agents' records in it and the steps of an experiment. It executes steps and
// reports observations; it does not judge them.

struct ProbeFileRequest {
  Experiment experiment;
  Node writer, reader;
  std::uint64_t number = 0;      ///< unique per scene in a run, so that no record content repeats
  bool reader_acts_last = true;  ///< if both nodes write, the reader acts last
  FileOpener open_file;
};

/// Every step may throw StepError, AgentGone or Interrupted.
class ProbeFile {
 public:
  /// Creates the zero-filled file through the writer's directory on this machine. Throws
  /// SystemError and FormatError.
  explicit ProbeFile(const ProbeFileRequest& request);
  ProbeFile(const ProbeFile&) = delete;
  ProbeFile& operator=(const ProbeFile&) = delete;
  /// Closes the agents' handles and removes the file.
  ~ProbeFile();

  /// True if the creation is visible on all nodes: they see the file, and readers see the header at
  /// a new open.
  bool settled();

  /// Readers open the file and read the record, which caches its page; writers open the file.
  void prepare();
  void write();
  void act(const ActRow& act);

  /// Seconds are measured from the end of the last write or act.
  Observations look();
  /// Repeats the experiment's slowest kind of read: by a new open if the reader does that at all,
  /// else through its handle.
  Observation look_again();

  /// Closes all handles; afterwards only a new open shows the file.
  void part();
  Observation look_by_new_open() { return all_sides(&ProbeFile::look_by_opening); }

  double seconds_since_act() const;

 private:
  /// One record, its writer and its reader.
  struct Side {
    FileAgent* writer = nullptr;
    FileAgent* reader = nullptr;
    std::string writer_path, reader_path;
    std::uint64_t offset_bytes = 0;
    std::string bytes;  ///< hex digits
    bool holds = false;
  };
  std::string handle(const char* role) const;
  void step(FileAgent& agent, const std::string& verb, const char* role,
            const std::string& more = "");
  bool shows(FileAgent& agent, const std::string& path);
  std::string read(const Side& side, const char* role);
  Observation look_at(const Side& side, const char* role);
  void hold(Side& side);
  void open_writer(Side& side);
  void let_go(Side& side);
  Observation look_by_opening(Side& side);
  Observation all_sides(Observation (ProbeFile::*one)(Side&));
  Observation look_by_holding(Side& side) { return look_at(side, "held"); }
  void note_act();

  Experiment experiment_;
  std::uint64_t number_;
  std::vector<Side> sides_;  ///< in the order of their acts
  std::unique_ptr<RaceFile> file_;
  std::int64_t acted_ns_ = 0;
};

}  // namespace npyrace
