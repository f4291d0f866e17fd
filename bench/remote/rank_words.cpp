#include "bench/remote/rank_words.h"

#include <nlohmann/json.hpp>

#include "bench/storage/sidecar.h"
#include "core/base/error.h"
#include "core/result/verdict.h"
#include "reports/json/json_parts.h"

namespace npyrace {
namespace {

constexpr const char* kTrouble = "trouble";

/// Parses with `read`; errors name `what` was expected.
template <typename Read>
auto parsed(const char* what, const std::string& text, Read read) {
  try {
    const Json json = Json::parse(text);
    if (json.contains(kTrouble)) throw std::runtime_error(json[kTrouble].get<std::string>());
    return read(json);
  } catch (const nlohmann::json::exception& error) {
    throw FormatError(std::string(what) + ": " + error.what());
  }
}

Json to_json(const View& view) {
  return {view.read_path->name, view.path, view.label};
}

View view_from(const Json& json) {
  return {&find_read_path(json.at(0).get<std::string>()), json.at(1).get<std::string>(),
          json.at(2).get<std::string>()};
}

Json to_json(const WriterPromise& promise) {
  return {promise.kept, promise.newest, promise.newest_records};
}

WriterPromise promise_from(const Json& json) {
  return {.kept = json.at(0), .newest = json.at(1), .newest_records = json.at(2)};
}

Json to_json(const WriterReport& report) {
  return {{"start_ns", report.start_ns},
          {"end_ns", report.end_ns},
          {"write_start_ns", report.write_start_ns},
          {"written_ns", report.written_ns},
          {"write_end_ns", report.write_end_ns},
          {"phases", phases_to_json(report.phases)},
          {"cpu_seconds", report.cpu_seconds}};
}

WriterReport writer_report_from(const Json& json) {
  return {.start_ns = json.at("start_ns"),
          .end_ns = json.at("end_ns"),
          .write_start_ns = json.at("write_start_ns"),
          .written_ns = json.at("written_ns"),
          .write_end_ns = json.at("write_end_ns"),
          .phases = phases_from_json(json.at("phases")),
          .cpu_seconds = json.at("cpu_seconds")};
}

}  // namespace

std::string to_text(const RankOrder& order) {
  return Json{{"task", static_cast<int>(order.task)},
              {"dirs", order.dirs},
              {"judge_dir", order.judge_dir},
              {"race", order.task == Task::start ? to_text(order.race) : ""},
              {"writers", order.writers},
              {"generation", order.generation},
              {"cache", order.cache},
              {"questions", order.questions},
              {"file", {order.file.made, order.file.path, order.file.bytes}},
              {"step", order.step}}
      .dump();
}

RankOrder rank_order_from_text(const std::string& text) {
  return parsed("order to a rank", text, [](const Json& json) {
    RankOrder order{.task = static_cast<Task>(json.at("task").get<int>())};
    if (order.task == Task::scan) return order;
    order.dirs = json.at("dirs").get<std::vector<std::string>>();
    order.judge_dir = json.at("judge_dir");
    order.writers = json.at("writers");
    order.generation = json.at("generation");
    order.cache = json.at("cache");
    order.questions = json.at("questions");
    const Json& file = json.at("file");
    order.file = {.made = file.at(0), .path = file.at(1), .bytes = file.at(2)};
    order.step = json.at("step");
    if (order.task == Task::start)
      order.race = race_order_from_text(json.at("race").get<std::string>());
    return order;
  });
}

std::string to_text(const RankPlace& place) {
  return Json{{"host_name", place.host_name},
              {"kernel", place.kernel},
              {"clock", place.clock},
              {"caches", place.caches},
              {"uncached", place.judge.uncached},
              {"doubt", place.judge.doubt}}
      .dump();
}

RankPlace rank_place_from_text(const std::string& text) {
  return parsed("place of a rank", text, [](const Json& json) {
    return RankPlace{.host_name = json.at("host_name"),
                     .kernel = json.at("kernel"),
                     .clock = json.at("clock"),
                     .caches = json.at("caches"),
                     .judge = {json.at("uncached").get<bool>(), json.at("doubt")}};
  });
}

std::string to_text(const RankReport& report) {
  return Json{{"state", static_cast<int>(report.state)},
              {"message", report.message},
              {"begun", report.begun},
              {"finished", report.finished},
              {"acknowledged_records", report.acknowledged_records},
              {"report", to_json(report.report)}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

RankReport rank_report_from_text(const std::string& text) {
  return parsed("report of a rank", text, [](const Json& json) {
    return RankReport{.state = static_cast<WriterState>(json.at("state").get<int>()),
                      .message = json.at("message"),
                      .begun = json.at("begun"),
                      .finished = json.at("finished"),
                      .acknowledged_records = json.at("acknowledged_records"),
                      .report = writer_report_from(json.at("report"))};
  });
}

std::string to_text(const Findings& findings) {
  Json json{{"records_checked", findings.records_checked},
            {"unwritten", findings.unwritten},
            {"uncached_differences", findings.uncached_differences},
            {"anomalies", Json::object()},
            {"examples", Json::array()},
            {"damaged", findings.damaged},
            {"damaged_tiles", findings.damaged_tiles}};
  for (const AnomalyRow& row : anomaly_table())
    json["anomalies"][row.name] = findings.anomalies[row.anomaly];
  for (const Example& example : findings.examples)
    json["examples"].push_back(example_to_json(example));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Findings findings_from_text(const std::string& text) {
  return parsed("findings of a rank", text, [](const Json& json) {
    Findings findings{.records_checked = json.at("records_checked"),
                      .unwritten = json.at("unwritten"),
                      .uncached_differences = json.at("uncached_differences")};
    for (const AnomalyRow& row : anomaly_table())
      findings.anomalies[row.anomaly] = json.at("anomalies").at(row.name);
    for (const Json& example : json.at("examples"))
      read_example(JsonPlace(example, "example"), findings.examples.emplace_back());
    findings.damaged = json.at("damaged").get<std::vector<std::uint64_t>>();
    findings.damaged_tiles = json.at("damaged_tiles").get<DamagedTiles>();
    return findings;
  });
}

std::string to_text(const ScanRequest& request) {
  Json json{{"task", static_cast<int>(Task::scan)},
            {"array", to_json(request.subject.map.request())},
            {"stamp_seed", request.subject.stamper.seed()},
            {"generation", request.subject.expectation.generation},
            {"promises", Json::array()},
            {"judge", to_json(request.judge)},
            {"views", Json::array()},
            {"part", request.part},
            {"parts", request.parts}};
  for (const WriterPromise& promise : request.subject.expectation.promises)
    json["promises"].push_back(to_json(promise));
  for (const View& view : request.views) json["views"].push_back(to_json(view));
  return json.dump();
}

RemoteScan remote_scan_from_text(const std::string& text) {
  return parsed("scan for rank 0", text, [](const Json& json) {
    RemoteScan scan{.array = array_request_from_json(json.at("array")),
                    .stamp_seed = json.at("stamp_seed"),
                    .expectation = {.generation = json.at("generation")},
                    .judge = view_from(json.at("judge")),
                    .part = json.at("part"),
                    .parts = json.at("parts")};
    for (const Json& promise : json.at("promises"))
      scan.expectation.promises.push_back(promise_from(promise));
    for (const Json& view : json.at("views")) scan.views.push_back(view_from(view));
    return scan;
  });
}

std::string trouble_text(const std::string& words) {
  return Json{{kTrouble, words}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void require_no_trouble(const std::string& text) {
  if (!text.empty()) parsed("answer of a rank", text, [](const Json&) { return 0; });
}

}  // namespace npyrace
