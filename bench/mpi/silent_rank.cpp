#include "bench/mpi/silent_rank.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace npyrace {
namespace {

bool wants_mpi(std::span<char* const> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--launcher=mpi") return true;
    if (argument == "--launcher" && i + 1 < arguments.size() &&
        std::string_view(arguments[i + 1]) == "mpi")
      return true;
  }
  return false;
}

}  // namespace

bool is_silent_rank(std::span<char* const> arguments) {
  // Of Open MPI, of PMIx launchers, and of MPICH's.
  constexpr const char* kRanks[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
  return wants_mpi(arguments) && std::ranges::any_of(kRanks, [](const char* name) {
           const char* rank = std::getenv(name);
           return rank != nullptr && std::string_view(rank) != "0";
         });
}

}  // namespace npyrace
