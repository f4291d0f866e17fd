#pragma once
// Paths of FILE.npyrace.d, the folder beside an array in which uncoordinated jobs store their
// records and claims.

#include <cstdint>
#include <string>

namespace npyrace {

std::string job_folder(const std::string& array_path);

/// Record of the worker's last finished attempt; written atomically.
std::string job_record_path(const std::string& array_path, std::uint64_t writer);

/// Claim file: the last attempt at the worker's share, finished or not; locked while that process
/// lives.
std::string job_claim_path(const std::string& array_path, std::uint64_t writer);

/// Marker that exists while a queued job, whose name it holds, may still write to the array.
std::string queued_job_path(const std::string& array_path);

/// Creates the folder. Throws SystemError, also if the name belongs to anything but a folder: where
/// others may create files, it could be a link to a folder of somebody else.
void make_new_job_folder(const std::string& array_path);
/// The same; a folder that exists is used.
void make_job_folder(const std::string& array_path);

/// Removes the folder and FILE.npyrace.json if they exist.
void remove_job_files(const std::string& array_path);

}  // namespace npyrace
