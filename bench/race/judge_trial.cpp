#include "bench/race/judge_trial.h"

#include <exception>

#include "bench/race/race_file.h"
#include "bench/race/views.h"
#include "core/array_map.h"

namespace npyrace {

namespace {

JudgeTrial look(const std::string& dir, const FileOpener& open_file) {
  const ArrayMap map({.records = 4096});
  const RaceFile made({dir}, map, open_file);
  const std::string& path = made.paths().front();
  const View judge = choose_judge(path, dir, open_file);
  const auto file = open_file(path, {});
  file->sync();
  file->drop_cache(0, map.file_bytes());
  const auto before = file->cached_bytes();
  if (!before) return {};
  if (*before > 0) return {false, dir + ": pages stay in memory when they are to be dropped"};
  // Pages that a read puts into an empty cache were read through it.
  const bool direct = std::string_view(judge.read_path->name) == "direct";
  judge.read_path->open(open_file, path)->read(0, static_cast<std::size_t>(map.file_bytes()));
  if (direct && file->cached_bytes().value_or(0) > 0)
    return {false, dir + ": O_DIRECT reads go through the page cache"};
  return {};
}

}  // namespace

JudgeTrial try_judge(const std::string& dir, const FileOpener& open_file) {
  try {
    return look(dir, open_file);
  } catch (const std::exception& error) {
    return {false, std::string("it could not be tried: ") + error.what()};
  }
}

}  // namespace npyrace
