#include "bench/remote/rank_words.h"

#include <utility>

#include "bench/remote/clock_offset.h"
#include "bench/storage/sidecar.h"
#include "core/base/error.h"
#include "reports/json/result_fields.h"

namespace npyrace {

static void describe(JsonFields& json, Task& task) {
  json.number(task, Task::leave);
}

static void describe(JsonFields& json, WriterState& state) {
  json.number(state, WriterState::failed);
}

static void describe(JsonFields& json, RankFileWords& file) {
  json.elements(file.made, file.path, file.bytes);
}

static void describe(JsonFields& json, RankOrder& order) {
  json("task", order.task);
  if (order.task == Task::scan) return;  // the rest is a RemoteScan
  json("dirs", order.dirs);
  json("judge_dir", order.judge_dir);
  std::string race = json.reads() || order.task != Task::start ? "" : to_text(order.race);
  json("race", race);
  if (json.reads() && order.task == Task::start) order.race = race_order_from_text(race);
  json("writers", order.writers);
  json("generation", order.generation);
  json("cache", order.cache);
  json("questions", order.questions);
  json("file", order.file);
  json("step", order.step);
}

static void describe(JsonFields& json, RankPlace& place) {
  json("host_name", place.host_name);
  json("kernel", place.kernel);
  json("clock", place.clock);
  json("caches", place.caches);
  json("uncached", place.judge.uncached);
  json("doubt", place.judge.doubt);
}

static void describe(JsonFields& json, WriterReport& report) {
  json("start_ns", report.start_ns);
  json("end_ns", report.end_ns);
  json("write_start_ns", report.write_start_ns);
  json("written_ns", report.written_ns);
  json("write_end_ns", report.write_end_ns);
  for (const std::int64_t ns : {report.start_ns, report.end_ns, report.write_start_ns,
                                report.written_ns, report.write_end_ns})
    json.check(is_time(ns), kNoTime);
  json("phases", report.phases);
  json("cpu_seconds", report.cpu_seconds);
}

static void describe(JsonFields& json, RankReport& report) {
  json("state", report.state);
  json("message", report.message);
  json("begun", report.begun);
  json("finished", report.finished);
  json("acknowledged_records", report.acknowledged_records);
  json("report", report.report);
}

static void describe(JsonFields& json, Findings& findings) {
  json("records_checked", findings.records_checked);
  json("unwritten", findings.unwritten);
  json("uncached_differences", findings.uncached_differences);
  json("anomalies", findings.anomalies);
  json("examples", findings.examples);
  json("damaged", findings.damaged);
  json("damaged_tiles", findings.damaged_tiles);
}

static void describe(JsonFields& json, const ReadPathRow*& read_path) {
  json.text(read_path == nullptr ? "" : read_path->name,
            [&](const std::string& name) { read_path = &find_read_path(name); });
}

static void describe(JsonFields& json, View& view) {
  json.elements(view.read_path, view.path, view.label);
}

static void describe(JsonFields& json, RemoteScan& scan) {
  Task task = Task::scan;
  json("task", task);
  json("array", scan.array);
  json("stamp_seed", scan.stamp_seed);
  json("generation", scan.expectation.generation);
  json("promises", scan.expectation.promises);
  json("judge", scan.judge);
  json("views", scan.views);
  json("part", scan.part);
  json("parts", scan.parts);
}

namespace {

struct Nothing {};

void describe(JsonFields&, Nothing&) {}

/// A reply: an error, or the requested value.
template <typename Value>
struct Answer {
  std::optional<std::string> trouble;
  Value value;
};

template <typename Value>
void describe(JsonFields& json, Answer<Value>& answer) {
  json("trouble", answer.trouble);
  if (!answer.trouble) describe(json, answer.value);
}

/// `what` names the expected message in errors.
template <typename Value>
Value parsed(const char* what, const std::string& text) {
  auto answer = from_message<Answer<Value>>(what, text);
  if (answer.trouble) throw std::runtime_error(*answer.trouble);
  return std::move(answer.value);
}

}  // namespace

std::string to_text(const RankOrder& order) {
  return json_line(order, NotUtf8::refused);
}

RankOrder rank_order_from_text(const std::string& text) {
  return parsed<RankOrder>("order to a rank", text);
}

std::string to_text(const RankPlace& place) {
  return json_line(place, NotUtf8::replaced);
}

RankPlace rank_place_from_text(const std::string& text) {
  return parsed<RankPlace>("place of a rank", text);
}

std::string to_text(const RankReport& report) {
  return json_line(report, NotUtf8::replaced);
}

RankReport rank_report_from_text(const std::string& text) {
  return parsed<RankReport>("report of a rank", text);
}

std::string to_text(const Findings& findings) {
  return json_line(findings, NotUtf8::replaced);
}

Findings findings_from_text(const std::string& text) {
  return parsed<Findings>("findings of a rank", text);
}

std::string to_text(const ScanRequest& request) {
  return json_line(RemoteScan{.array = request.subject.map.request(),
                              .stamp_seed = request.subject.stamper.seed(),
                              .expectation = request.subject.expectation,
                              .judge = request.judge,
                              .views = request.views,
                              .part = request.part,
                              .parts = request.parts},
                   NotUtf8::refused);
}

RemoteScan remote_scan_from_text(const std::string& text) {
  return parsed<RemoteScan>("scan for rank 0", text);
}

std::string trouble_text(const std::string& words) {
  return json_line(Answer<Nothing>{.trouble = words, .value = {}}, NotUtf8::replaced);
}

void require_no_trouble(const std::string& text) {
  if (!text.empty()) parsed<Nothing>("answer of a rank", text);
}

}  // namespace npyrace
