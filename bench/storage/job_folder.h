#pragma once
// The folder beside an array in which uncoordinated jobs leave word of what they did:
// FILE.npyrace.d

#include <cstdint>
#include <string>

namespace npyrace {

std::string job_folder(const std::string& array_path);

/// What the worker's last finished attempt came to, written whole.
std::string job_record_path(const std::string& array_path, std::uint64_t writer);

/// Who took the worker's share last, finished or not; locked while that process lives.
std::string job_claim_path(const std::string& array_path, std::uint64_t writer);

/// There as long as a job of a queue, which it names, may write to the array.
std::string queued_job_path(const std::string& array_path);

/// Makes the folder unless it is there. Throws SystemError.
void make_job_folder(const std::string& array_path);

/// Removes the folder and FILE.npyrace.json, where they are.
void remove_job_files(const std::string& array_path);

}  // namespace npyrace
