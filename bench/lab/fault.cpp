#include "bench/lab/fault.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/base/error.h"
#include "core/base/table.h"
#include "core/base/text.h"
#include "reports/json/json_fields.h"

namespace npyrace::lab {
namespace {

using Json = nlohmann::json;

const std::vector<Operation> kAnyOperation = {Operation::open,  Operation::read,  Operation::write,
                                              Operation::fsync, Operation::close, Operation::lock,
                                              Operation::meta};

FaultRow failing(const char* name, int error_number, const char* summary) {
  return {name, FaultKind::fail, summary, Operation::write, kAnyOperation, {}, error_number};
}

/// A key of a fault: parsing and formatting.
struct Key {
  const char* name;
  void (*read)(FaultSpec&, const std::string& value);
  std::string (*write)(const FaultSpec&);  ///< returns empty for the default value
};

std::string number_text(std::uint64_t number) {
  return number == 0 ? "" : std::to_string(number);
}

std::string time_text(Duration time) {
  return time.count() == 0 ? "" : std::to_string(time.count()) + "us";
}

std::uint64_t positive(const std::string& value, const char* what) {
  const std::uint64_t number = parse_number(value, what);
  if (number == 0) throw UsageError(fmt::format("{} counts from 1", what));
  return number;
}

unsigned small(const std::string& value, const char* what) {
  const std::uint64_t number = positive(value, what);
  if (number > 1000000) throw UsageError(fmt::format("{} {} is too large", what, value));
  return static_cast<unsigned>(number);
}

double parse_chance(const std::string& value) {
  char* end = nullptr;
  const double chance = std::strtod(value.c_str(), &end);
  if (value.empty() || *end != '\0' || !(chance >= 0 && chance <= 1))
    throw UsageError(fmt::format("chance '{}' is not between 0 and 1", value));
  return chance;
}

std::int64_t parse_shift(const std::string& value) {
  const bool back = !value.empty() && value[0] == '-';
  const std::uint64_t size = parse_number(back ? value.substr(1) : value, "by");
  if (size == 0 || size > (1ull << 62)) throw UsageError("by: the write would stay where it is");
  return back ? -static_cast<std::int64_t>(size) : static_cast<std::int64_t>(size);
}

bool parse_how(const std::string& value) {
  if (value != "hang" && value != "fail")
    throw UsageError(fmt::format("how '{}': hang or fail", value));
  return value == "fail";
}

/// Keys that all faults accept.
const Key kSelectors[] = {
    {"op", [](FaultSpec& s, const std::string& v) { s.operation = parse_operation(v); },
     [](const FaultSpec& s) { return std::string(operation_name(s.operation)); }},
    {"node",
     [](FaultSpec& s, const std::string& v) {
       s.node = small(!v.empty() && v[0] == 'n' ? v.substr(1) : v, "node");
     },
     [](const FaultSpec& s) { return number_text(s.node); }},
    {"file", [](FaultSpec& s, const std::string& v) { s.file = v; },
     [](const FaultSpec& s) { return s.file; }},
    {"nth", [](FaultSpec& s, const std::string& v) { s.nth = positive(v, "nth"); },
     [](const FaultSpec& s) { return number_text(s.nth); }},
    {"every", [](FaultSpec& s, const std::string& v) { s.every = positive(v, "every"); },
     [](const FaultSpec& s) { return number_text(s.every); }},
    {"times", [](FaultSpec& s, const std::string& v) { s.times = positive(v, "times"); },
     [](const FaultSpec& s) { return number_text(s.times); }},
    {"chance", [](FaultSpec& s, const std::string& v) { s.chance = parse_chance(v); },
     [](const FaultSpec& s) { return fmt::format("{}", s.chance); }},
    {"after", [](FaultSpec& s, const std::string& v) { s.after = parse_duration(v); },
     [](const FaultSpec& s) { return time_text(s.after); }},
};

/// Keys accepted only by faults whose row lists them.
const Key kParameters[] = {
    {"at", [](FaultSpec& s, const std::string& v) { s.at_bytes = parse_number(v, "at"); },
     [](const FaultSpec& s) { return std::to_string(s.at_bytes); }},
    {"by", [](FaultSpec& s, const std::string& v) { s.by_bytes = parse_shift(v); },
     [](const FaultSpec& s) { return std::to_string(s.by_bytes); }},
    {"bits", [](FaultSpec& s, const std::string& v) { s.bits = small(v, "bits"); },
     [](const FaultSpec& s) { return std::to_string(s.bits); }},
    {"for", [](FaultSpec& s, const std::string& v) { s.length = parse_duration(v); },
     [](const FaultSpec& s) { return time_text(s.length); }},
    {"how", [](FaultSpec& s, const std::string& v) { s.fails = parse_how(v); },
     [](const FaultSpec& s) { return std::string(s.fails ? "fail" : "hang"); }},
};

std::vector<const Key*> keys_of(const FaultRow& row) {
  std::vector<const Key*> keys;
  for (const Key& key : kSelectors) keys.push_back(&key);
  for (const Key& key : kParameters)
    if (std::find(row.parameters.begin(), row.parameters.end(), key.name) != row.parameters.end())
      keys.push_back(&key);
  return keys;
}

const FaultRow& fault_row(const std::string& name) {
  std::vector<std::string> names;
  for (const FaultRow& row : fault_table()) {
    if (name == row.name) return row;
    names.emplace_back(row.name);
  }
  throw UsageError(unknown_name_message("fault", name, names));
}

void set(FaultSpec& spec, const std::string& name, const std::string& value) {
  std::vector<std::string> known;
  for (const Key* key : keys_of(*spec.row)) {
    if (name == key->name) return key->read(spec, value);
    known.emplace_back(key->name);
  }
  throw UsageError(
      unknown_name_message(fmt::format("key of fault {}", spec.row->name), name, known));
}

FaultSpec fresh(const std::string& name) {
  FaultSpec spec;
  spec.row = &fault_row(name);
  spec.operation = spec.row->operation;
  if (spec.row->kind == FaultKind::misplace) spec.by_bytes = 4096;
  if (spec.row->kind == FaultKind::delay) spec.length = Duration(100000);
  return spec;
}

FaultSpec checked(FaultSpec spec) {
  const auto& others = spec.row->other_operations;
  if (spec.operation != spec.row->operation &&
      std::find(others.begin(), others.end(), spec.operation) == others.end())
    throw UsageError(
        fmt::format("fault {} cannot strike {}", spec.row->name, operation_name(spec.operation)));
  return spec;
}

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.dump();
  throw UsageError(fmt::format("fault: {} is neither a text nor a number", value.dump()));
}

}  // namespace

const std::vector<FaultRow>& fault_table() {
  static const std::vector<FaultRow> table = {
      {"drop",
       FaultKind::drop,
       "a write is acknowledged and never happens",
       Operation::write,
       {},
       {}},
      {"tear",
       FaultKind::tear,
       "only the first `at` bytes of a write happen",
       Operation::write,
       {},
       {"at"}},
      {"misplace",
       FaultKind::misplace,
       "a write happens `by` bytes further on (default 4096)",
       Operation::write,
       {},
       {"by"}},
      {"old-page",
       FaultKind::old_page,
       "a read returns pages as before their last write",
       Operation::read,
       {},
       {}},
      {"zero-page",
       FaultKind::zero_page,
       "the pages of a write (op=read: of a read) become zeros",
       Operation::write,
       {Operation::read},
       {}},
      {"flip",
       FaultKind::flip,
       "`bits` bits of a write (op=read: of a read) are flipped",
       Operation::write,
       {Operation::read},
       {"bits"}},
      {"delay",
       FaultKind::delay,
       "the operation takes `for` longer (default 100ms)",
       Operation::write,
       kAnyOperation,
       {"for"}},
      failing("eio", EIO, "the operation fails: input/output error"),
      failing("enospc", ENOSPC, "the operation fails: no space left on device"),
      failing("edquot", EDQUOT, "the operation fails: disk quota exceeded"),
      failing("estale", ESTALE, "the operation fails: stale file handle"),
      {"false-fsync",
       FaultKind::false_fsync,
       "fsync succeeds, but the data that it acknowledged are lost",
       Operation::fsync,
       {},
       {}},
      {"no-mmap",
       FaultKind::no_mmap,
       "shared mappings are refused with ENODEV",
       Operation::open,
       {},
       {}},
      {"no-direct",
       FaultKind::no_direct,
       "O_DIRECT is refused with EINVAL",
       Operation::open,
       {},
       {}},
      {"vanish",
       FaultKind::vanish,
       "the server is unreachable for the time `for` (default: to the end); operations hang, or with "
       "how=fail fail with EIO",
       Operation::write,
       kAnyOperation,
       {"for", "how"}},
  };
  return table;
}

FaultSpec parse_fault(const std::string& text) {
  const std::size_t colon = text.find(':');
  FaultSpec spec = fresh(text.substr(0, colon));
  if (colon == std::string::npos) return spec;
  for (const std::string& setting : split(text.substr(colon + 1), ',')) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos)
      throw UsageError(fmt::format("fault '{}': write KIND:key=value,key=value", text));
    set(spec, setting.substr(0, equals), setting.substr(equals + 1));
  }
  return checked(spec);
}

FaultSpec fault_from_json(const Json& object) {
  if (!object.is_object() || !object.contains("kind") || !object["kind"].is_string())
    throw UsageError("a fault is an object with a text \"kind\"");
  FaultSpec spec = fresh(object["kind"].get<std::string>());
  for (const auto& [name, value] : object.items())
    if (name != "kind") set(spec, name, value_text(value));
  return checked(spec);
}

void describe(JsonFields& json, FaultSpec& spec) {
  std::map<std::string, std::string> settings;
  if (!json.reads()) {
    settings["kind"] = spec.row->name;
    for (const Key* key : keys_of(*spec.row))
      if (std::string value = key->write(spec); !value.empty()) settings[key->name] = value;
  }
  npyrace::describe(json, settings);
  if (json.reads()) spec = fault_from_json(settings);
}

FaultFile read_fault_file(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) throw SystemError({path, "open"}, errno);
  std::stringstream text;
  text << stream.rdbuf();
  const Json document = Json::parse(text.str(), nullptr, false);
  if (!document.is_object() || !document.contains("faults") || !document["faults"].is_array())
    throw UsageError(fmt::format(
        "{}: a fault file is JSON like {{\"seed\": 1, \"faults\": [{{\"kind\": \"drop\"}}]}}",
        path));
  return naming(path, [&] {
    FaultFile file;
    for (const auto& [name, value] : document.items()) {
      if (name == "seed")
        file.seed = parse_number(value_text(value), "seed");
      else if (name != "faults")
        throw UsageError(fmt::format("unknown key '{}'", name));
    }
    for (const Json& fault : document["faults"]) file.faults.push_back(fault_from_json(fault));
    return file;
  });
}

namespace {

bool names_file(const std::string& pattern, const std::string& file) {
  const std::string last = file.substr(file.rfind('/') + 1);
  return pattern.empty() || ::fnmatch(pattern.c_str(), file.c_str(), 0) == 0 ||
         ::fnmatch(pattern.c_str(), last.c_str(), 0) == 0;
}

bool matches(const FaultSpec& spec, const FaultSchedule::Event& event) {
  if (spec.row->kind == FaultKind::no_direct && !event.direct) return false;
  return spec.operation == event.operation && (spec.node == 0 || spec.node == event.node + 1) &&
         event.age >= spec.after && names_file(spec.file, event.file);
}

/// Uniform in [0, 1). The standard distributions differ between libraries.
double fraction(std::mt19937_64& random) {
  return static_cast<double>(random() >> 11) / static_cast<double>(1ull << 53);
}

}  // namespace

FaultSchedule::FaultSchedule(std::vector<FaultSpec> specs, std::uint64_t seed) : random_(seed) {
  for (FaultSpec& spec : specs) orders_.push_back({std::move(spec), std::mt19937_64(random_())});
}

bool FaultSchedule::strikes(Order& order, const Event& event) {
  const FaultSpec& spec = order.spec;
  if (!matches(spec, event)) return false;
  ++order.matched;
  if (spec.nth != 0 && order.matched != spec.nth) return false;
  if (spec.every != 0 && order.matched % spec.every != 0) return false;
  if (spec.times != 0 && order.struck >= spec.times) return false;
  if (spec.chance < 1 && fraction(order.random) >= spec.chance) return false;
  ++order.struck;
  return true;
}

std::vector<const FaultSpec*> FaultSchedule::strike(const Event& event) {
  std::vector<const FaultSpec*> struck;
  const std::lock_guard lock(mutex_);
  for (Order& order : orders_)
    if (strikes(order, event)) struck.push_back(&order.spec);
  return struck;
}

std::vector<std::uint64_t> FaultSchedule::choose_bits(std::uint64_t size_bits, unsigned count) {
  const std::lock_guard lock(mutex_);
  std::set<std::uint64_t> bits;
  while (bits.size() < std::min<std::uint64_t>(count, size_bits))
    bits.insert(random_() % size_bits);
  return {bits.begin(), bits.end()};
}

bool FaultSchedule::has(FaultKind kind) const {
  return std::any_of(orders_.begin(), orders_.end(),
                     [&](const Order& order) { return order.spec.row->kind == kind; });
}

bool FaultSchedule::damages(Operation operation) const {
  return std::any_of(orders_.begin(), orders_.end(),
                     [&](const Order& order) { return order.spec.operation == operation; });
}

}  // namespace npyrace::lab
