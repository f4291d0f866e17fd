#pragma once
// A group of ranks that race together, and the file that they open by MPI-IO. All ranks of a group
// make the same calls in the same order; each call returns when all have made it, except where only
// one rank is named.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace npyrace {

/// How a rank waits for the others.
enum class Wait {
  long_wait,   ///< polls rarely and yields the processor
  short_wait,  ///< polls continuously, so that all ranks continue at the same moment
};

/// Rank whose participation a barrier requires.
enum class Needs {
  survivors,
  collector,  ///< writer 0, which collects the records of all
};

/// Contiguous bytes in memory and their offset in the file.
struct FilePiece {
  std::uint64_t offset_bytes = 0;
  const std::byte* source = nullptr;
  std::size_t size_bytes = 0;
};

/// A file opened by a group through MPI-IO. MPI errors are thrown as std::runtime_error with MPI's
/// message. If it is destroyed while open, it closes the file collectively: the other ranks must be
/// closing theirs, too.
class RankFile {
 public:
  virtual ~RankFile() = default;
  /// MPI_File_set_atomicity; collective. Throws Refusal where it is not supported.
  virtual void set_atomic() = 0;
  /// MPI_File_write_at; this rank only.
  virtual void write_at(std::span<const std::byte> data, std::uint64_t offset_bytes) = 0;
  /// Sets a file view of these pieces and calls MPI_File_write_at_all; collective. Each rank may
  /// have any number of pieces, in ascending order and without overlap.
  virtual void write_all(std::span<const FilePiece> pieces) = 0;
  /// MPI_File_sync; collective.
  virtual void sync() = 0;
  /// MPI_File_close; collective.
  virtual void close() = 0;
};

class RankGroup {
 public:
  virtual ~RankGroup() = default;
  /// This rank's writer number.
  virtual std::uint64_t rank() const = 0;
  /// Barrier over the surviving ranks. Returns true if all passed `well` and, with
  /// Needs::collector, writer 0 is present. Throws Interrupted, and RaceError on a timeout.
  virtual bool meet(bool well, Wait wait, Needs needs = Needs::survivors) = 0;
  /// MPI_File_open, each rank by its own path; collective. Throws std::runtime_error on all ranks
  /// if one of them failed.
  virtual std::unique_ptr<RankFile> open(const std::string& path) = 0;
};

}  // namespace npyrace
