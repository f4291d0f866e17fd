#include "reports/html/html_watch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/result/findings.h"
#include "reports/html/html_text.h"
#include "reports/json/watch_fields.h"
#include "reports/text/watch_report.h"

namespace npyrace {
namespace {

constexpr std::size_t kMostRows = 200;

std::string list_words(const std::vector<ByteRange>& ranges) {
  constexpr std::size_t kMost = 4;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < std::min(kMost, ranges.size()); ++i)
    words.push_back(fmt::format("{} to {}", ranges[i].begin, ranges[i].end - 1));
  return fmt::format("{}{}", fmt::join(words, ", "), ranges.size() > kMost ? ", …" : "");
}

std::string writers_section(const WatchedFile& file) {
  HtmlTable table("Processes that wrote " + file.path,
                  {"writer", "opened", "bytes by calls", "pages by stores", "exact", "command"});
  for (std::size_t i = 0; i < std::min(kMostRows, file.writers.size()); ++i) {
    const WatchedWriter& writer = file.writers[i];
    table.row({{writer_name(file, i)},
               {fmt::format("{}", fmt::join(writer.opened, " "))},
               {list_words(writer.bytes), static_cast<double>(total_bytes(writer.bytes))},
               {list_words(writer.pages), static_cast<double>(total_bytes(writer.pages))},
               {writer.exact ? "yes" : "no"},
               {writer.command}});
  }
  return table.text();
}

std::string hazards_section(const WatchedFile& file) {
  HtmlTable table("Shared parts of " + file.path,
                  {"level", "kind", "bytes", "writers", "what it means"});
  for (std::size_t i = 0; i < std::min(kMostRows, file.hazards.size()); ++i) {
    const Hazard& hazard = file.hazards[i];
    table.row(
        {{hazard_level_name(hazard.level), {}, hazard.level == HazardLevel::loses ? "unsafe" : ""},
         {hazard_name(hazard.kind)},
         {fmt::format("{} to {}", hazard.range.begin, hazard.range.end - 1)},
         {fmt::format("{}, {}", writer_name(file, hazard.first), writer_name(file, hazard.second))},
         {hazard.means}});
  }
  return table.empty() ? "" : table.text();
}

std::uint64_t end_of(const WatchedFile& file) {
  std::uint64_t end = 0;
  for (const WatchedWriter& writer : file.writers)
    for (const auto* ranges : {&writer.bytes, &writer.pages, &writer.truncated})
      if (!ranges->empty()) end = std::max(end, ranges->back().end);
  return end;
}

bool touches(const std::vector<ByteRange>& ranges, const ByteRange& tile) {
  const auto after = std::ranges::upper_bound(ranges, tile.begin, {}, &ByteRange::end);
  return after != ranges.end() && after->begin < tile.end;
}

std::vector<std::string> writers_in(const WatchedFile& file, const ByteRange& tile) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < file.writers.size(); ++i)
    if (touches(file.writers[i].bytes, tile) || touches(file.writers[i].pages, tile))
      names.push_back(writer_name(file, i));
  return names;
}

bool is_hazardous(const WatchedFile& file, const ByteRange& tile) {
  return std::ranges::any_of(file.hazards, [&](const Hazard& hazard) {
    return hazard.level != HazardLevel::harmless && hazard.range.begin < tile.end &&
           tile.begin < hazard.range.end;
  });
}

std::string tile_html(const WatchedFile& file, const ByteRange& tile) {
  const std::vector<std::string> names = writers_in(file, tile);
  const bool bad = is_hazardous(file, tile);
  const char* const kind = bad                 ? "damaged"
                           : names.size() > 1  ? "shared"
                           : names.size() == 1 ? "one"
                                               : "";
  std::string who = "nobody";
  if (!names.empty()) {
    constexpr std::size_t kMost = 8;
    const std::vector<std::string> first(names.begin(),
                                         names.begin() + std::min(kMost, names.size()));
    who = fmt::format("{}{}", fmt::join(first, ", "), names.size() > kMost ? " and others" : "");
  }
  const std::string words =
      fmt::format("bytes {} to {}: {}{}", tile.begin, tile.end - 1, who, bad ? ": hazard" : "");
  return fmt::format(
      "<span class=\"tile {}\" role=\"img\" title=\"{}\" aria-label=\"{}\">{}</span>", kind,
      html_text(words), html_text(words), bad ? "×" : "");
}

std::string map_html(const WatchedFile& file) {
  const std::uint64_t end = end_of(file);
  if (end == 0) return "";
  const std::uint64_t size = tile_bytes(end);
  std::string tiles;
  for (std::uint64_t at = 0; at < end; at += size) tiles += tile_html(file, {at, at + size});
  return fmt::format(
      "<div class=\"legend\"><span><span class=\"tile one\"></span>one process</span>"
      "<span><span class=\"tile shared\"></span>several, harmless here</span>"
      "<span><span class=\"tile damaged\">×</span>hazard</span>"
      "<span><span class=\"tile\"></span>nobody</span></div>\n"
      "<p>{} bytes a tile; its tooltip names the processes.</p>\n"
      "<div class=\"tiles\" role=\"group\" aria-label=\"The file from its start to its end\">{}</div>\n",
      size, tiles);
}

std::string file_section(const WatchedFile& file, std::size_t number) {
  std::string content = fmt::format("<p>{}</p>\n", html_text(file.consistency));
  if (!file.advice.empty())
    content += fmt::format("<p class=\"advice\"><strong>Advice:</strong> {}</p>\n",
                           html_text(file.advice));
  content += map_html(file) + hazards_section(file) + writers_section(file);
  const std::string id = fmt::format("file-{}", number);
  return html_section(id.c_str(), html_text(file.path).c_str(), content);
}

}  // namespace

std::string html_watch(const WatchResult& result) {
  std::string main = fmt::format("<pre>{}</pre>\n", html_lines(watch_report(result)));
  for (std::size_t i = 0; i < result.files.size(); ++i) main += file_section(result.files[i], i);
  main += html_list("What was not seen", result.unseen);
  const std::string data =
      fmt::format("<script type=\"application/json\" id=\"result\">{}</script>\n",
                  html_json(watch_json(result)));
  return html_page("npyrace: watch", main, data);
}

}  // namespace npyrace
