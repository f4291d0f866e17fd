#pragma once
// Ranks that race together, and the file they open together. Every rank of a group makes the same
// calls in the same order; each returns when all have made it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace npyrace {

/// How long the others may take to come.
enum class Wait {
  long_wait,   ///< looks now and then, and leaves the processor to others
  short_wait,  ///< looks all the time: what comes next must begin together
};

/// Whom a meeting cannot do without.
enum class Needs {
  whoever_is_left,
  collector,  ///< writer 0 has done something for all
};

/// Some bytes of memory and their place in the file.
struct FilePiece {
  std::uint64_t offset_bytes = 0;
  const std::byte* source = nullptr;
  std::size_t size_bytes = 0;
};

/// A file that a group has opened by MPI-IO. What MPI refuses or leaves half-done is thrown as
/// std::runtime_error with its words. When it is destroyed open, the others must be closing theirs.
class RankFile {
 public:
  virtual ~RankFile() = default;
  /// MPI_File_set_atomicity; all ranks. Throws Refusal where there is none.
  virtual void set_atomic() = 0;
  /// MPI_File_write_at; this rank alone.
  virtual void write_at(std::span<const std::byte> data, std::uint64_t offset_bytes) = 0;
  /// A view of just these pieces and MPI_File_write_at_all; all ranks, each with any number of
  /// pieces, ascending and apart.
  virtual void write_all(std::span<const FilePiece> pieces) = 0;
  /// MPI_File_sync; all ranks.
  virtual void sync() = 0;
  /// MPI_File_close; all ranks.
  virtual void close() = 0;
};

class RankGroup {
 public:
  virtual ~RankGroup() = default;
  /// The writer that this is.
  virtual std::uint64_t rank() const = 0;
  /// Until all are here that are left. Returns whether all are well and who is needed has come.
  /// Throws Interrupted, and RaceError when nobody came for too long.
  virtual bool meet(bool well, Wait wait, Needs needs = Needs::whoever_is_left) = 0;
  /// MPI_File_open, each rank by its own path. Throws std::runtime_error on all ranks when one of
  /// them could not.
  virtual std::unique_ptr<RankFile> open(const std::string& path) = 0;
};

}  // namespace npyrace
