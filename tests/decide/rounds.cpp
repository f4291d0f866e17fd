#include "tests/decide/rounds.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace npyrace {
namespace {

std::vector<double> numbers(std::istream& fields) {
  std::string text;
  std::getline(fields, text, ',');
  std::istringstream words(text);
  std::vector<double> all;
  for (double nanoseconds = 0; words >> nanoseconds;) all.push_back(nanoseconds * 1e-9);
  return all;
}

std::string word(std::istream& fields) {
  std::string text;
  std::getline(fields, text, ',');
  return text;
}

bool is_whole(const RecordedRound& round, const std::vector<std::string>& cells) {
  return std::ranges::all_of(cells, [&](const std::string& cell) {
    const auto found = round.find(cell);
    return found != round.end() && !found->second[0].wall.empty() && !found->second[1].wall.empty();
  });
}

}  // namespace

RecordedSeries RecordedSeries::half(bool odd) const {
  RecordedSeries some{.cells = cells};
  for (std::size_t i = odd ? 1 : 0; i < rounds.size(); i += 2) some.rounds.push_back(rounds[i]);
  return some;
}

std::map<std::string, RecordedSeries> read_rounds(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be opened");
  std::map<std::string, RecordedSeries> all;
  std::string line;
  std::getline(file, line);  // titles
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    RecordedSeries& series = all[word(fields)];
    const std::size_t round = std::stoul(word(fields));
    const std::size_t turn = std::stoul(word(fields));
    const std::string cell = word(fields);
    if (std::ranges::count(series.cells, cell) == 0) series.cells.push_back(cell);
    if (series.rounds.size() <= round) series.rounds.resize(round + 1);
    RecordedCell& one = series.rounds[round][cell].at(turn);
    for (auto* column : {&one.repetitions, &one.wall, &one.cpu, &one.wall_first, &one.cpu_first})
      *column = numbers(fields);
  }
  for (auto& [name, series] : all)
    std::erase_if(series.rounds, [&cells = series.cells](const RecordedRound& round) {
      return !is_whole(round, cells);
    });
  return all;
}

}  // namespace npyrace
