#include "bench/experiments/file_agent.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <limits>
#include <span>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bench/launchers/launcher.h"
#include "bench/strategies/strategy.h"
#include "core/base/error.h"
#include "core/os/channel.h"
#include "core/os/process.h"
#include "reports/text/wrap.h"

namespace npyrace {

std::string to_hex(std::span<const std::byte> bytes) {
  std::string digits;
  for (const std::byte byte : bytes) digits += fmt::format("{:02x}", std::to_integer<int>(byte));
  return digits;
}

std::vector<std::byte> from_hex(std::string_view digits) {
  std::vector<std::byte> bytes;
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    const std::string_view pair = digits.substr(at, 2);
    unsigned value = 0;
    const auto end = std::from_chars(pair.begin(), pair.end(), value, 16).ptr;
    if (pair.size() != 2 || end != pair.end())
      throw std::invalid_argument(fmt::format("'{}' are no hex digits", pair));
    bytes.push_back(static_cast<std::byte>(value));
  }
  return bytes;
}

namespace {

using Words = std::istringstream;

template <typename Value>
Value next(Words& words) {
  Value value{};
  if (!(words >> value)) throw std::invalid_argument("a word is missing");
  return value;
}

std::string path_in(Words& words) {
  const std::vector<std::byte> bytes = from_hex(next<std::string>(words));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The part of a mapping that starts at `offset_bytes`.
std::span<std::byte> part_of(Mapping& mapping, std::uint64_t offset_bytes,
                             std::uint64_t size_bytes) {
  const std::span<std::byte> all = mapping.bytes();
  if (offset_bytes > all.size() || size_bytes > all.size() - offset_bytes)
    throw std::invalid_argument("outside the mapping");
  return all.subspan(offset_bytes, size_bytes);
}

std::string read_through_file(File& file, Words& words) {
  const auto offset_bytes = next<std::uint64_t>(words);
  std::vector<std::byte> buffer(next<std::uint64_t>(words));
  return to_hex(std::span(buffer).first(file.read_at(buffer, offset_bytes)));
}

std::string read_through_mapping(Mapping& mapping, Words& words) {
  const auto offset_bytes = next<std::uint64_t>(words);
  return to_hex(part_of(mapping, offset_bytes, next<std::uint64_t>(words)));
}

void write_through_file(File& file, Words& words) {
  const auto offset_bytes = next<std::uint64_t>(words);
  file.write_at(from_hex(next<std::string>(words)), offset_bytes);
}

void write_through_mapping(Mapping& mapping, Words& words) {
  const auto offset_bytes = next<std::uint64_t>(words);
  const std::vector<std::byte> bytes = from_hex(next<std::string>(words));
  std::ranges::copy(bytes, part_of(mapping, offset_bytes, bytes.size()).begin());
}

std::unique_ptr<Mapping> map_all(File& file, bool writable) {
  return file.map({.size_bytes = file.size_bytes(), .writable = writable});
}

void rename(Words& words) {
  const std::string from = path_in(words);
  if (::rename(from.c_str(), path_in(words).c_str()) != 0)
    throw SystemError({from, "rename"}, errno);
}

std::string link(Words& words) {
  const std::string from = path_in(words);
  if (::link(from.c_str(), path_in(words).c_str()) == 0) return "yes";
  if (errno == EEXIST) return "no";
  throw SystemError({from, "link"}, errno);
}

void remove(Words& words) {
  const std::string path = path_in(words);
  if (::unlink(path.c_str()) != 0) throw SystemError({path, "unlink"}, errno);
}

/// Returns an object that the step requires; throws if it does not exist.
template <typename Thing>
Thing& there(const std::unique_ptr<Thing>& thing) {
  if (thing == nullptr) throw std::invalid_argument("nothing is open or mapped there");
  return *thing;
}

}  // namespace

/// Returns the requested bytes as hex digits, or another answer listed in agent.h.
std::string AgentCommands::act(const std::string& line) {
  Words words(line);
  const auto verb = next<std::string>(words);
  const auto handle = next<std::string>(words);
  Held& held = held_[handle];
  if (verb == "open-read")
    held.file = open_file_(path_in(words), {.access = Access::read});
  else if (verb == "open-write")
    held.file = open_file_(path_in(words), {.access = Access::read_write});
  else if (verb == "create")
    held.file = open_file_(path_in(words), {.access = Access::read_write, .start_anew = true});
  else if (verb == "create-new")
    return create_new(held.file, words);
  else if (verb == "allocate")
    there(held.file).allocate(next<std::uint64_t>(words));
  else if (verb == "size")
    return std::to_string(there(held.file).size_bytes());
  else if (verb == "exists")
    return ::access(path_in(words).c_str(), F_OK) == 0 ? "yes" : "no";
  else if (verb == "link")
    return link(words);
  else if (verb == "rename")
    rename(words);
  else if (verb == "remove")
    remove(words);
  else if (verb == "map-read")
    held.mapping = map_all(there(held.file), false);
  else if (verb == "map-write")
    held.mapping = map_all(there(held.file), true);
  else if (verb == "pwrite")
    write_through_file(there(held.file), words);
  else if (verb == "store")
    write_through_mapping(there(held.mapping), words);
  else if (verb == "pread")
    return read_through_file(there(held.file), words);
  else if (verb == "load")
    return read_through_mapping(there(held.mapping), words);
  else if (verb == "fsync")
    there(held.file).sync();
  else if (verb == "msync")
    there(held.mapping).sync();
  else if (verb == "munmap")
    there(held.mapping).unmap(), held.mapping.reset();
  else if (verb == "close")
    there(held.file).close(), held.file.reset();
  else if (verb == "forget")
    held_.erase(handle);
  else
    throw std::invalid_argument("no such verb");
  return "";
}

/// An existing file is a regular answer.
std::string AgentCommands::create_new(std::unique_ptr<File>& file, std::istringstream& words) {
  try {
    file = open_file_(path_in(words), {.access = Access::read_write, .create_new = true});
    return "yes";
  } catch (const SystemError& error) {
    if (error.error_number() == EEXIST) return "no";
    throw;
  }
}

std::string AgentCommands::answer(const std::string& line) {
  try {
    return "ok " + act(line);
  } catch (const SystemError& error) {
    return (error.cause() == Cause::unsupported ? "refused " : "failed ") + printable(error.what());
  } catch (const std::exception& error) {
    return fmt::format("failed {}: {}", printable(line), printable(error.what()));
  }
}

StepHandler step_agent(FileOpener open_file) {
  return [agent = std::make_shared<AgentCommands>(std::move(open_file))](const std::string& step) {
    return agent->answer(step);
  };
}

ExitCode play(const AgentRequest& request, const FileOpener& open_file) {
  die_with_parent(request.parent);
  Channel channel(request.socket);
  AgentCommands agent(open_file);
  while (const auto line = channel.receive())
    if (!channel.send(agent.answer(*line))) break;
  return ExitCode::fine;
}

std::string FileAgent::ask(const std::string& line) {
  if (!gone_.empty()) throw AgentGone(gone_);
  std::string answer;
  try {
    answer = answer_to(line);
  } catch (const AgentGone& gone) {
    gone_ = gone.what();
    throw;
  }
  const std::size_t space = answer.find(' ');
  const std::string kind = answer.substr(0, space);
  const std::string rest = space == std::string::npos ? "" : answer.substr(space + 1);
  if (kind != "ok") throw StepError(rest, kind == "refused");
  return rest;
}

namespace {

/// The verb suffices to describe where an agent hangs.
std::string first_word(const std::string& line) {
  return line.substr(0, line.find(' '));
}

}  // namespace

LocalAgent::LocalAgent(std::string name, std::chrono::milliseconds patience)
    : name_(std::move(name)), patience_(patience), child_("file-agent") {}

std::string LocalAgent::answer_to(const std::string& line) {
  child_.send(line);
  const TalkingChild::Answer answer = child_.receive(patience_);
  if (answer.line) return *answer.line;
  if (answer.exit_status)
    give_up(fmt::format("{}: the file agent died in {}: {}", name_, first_word(line),
                        describe_exit(*answer.exit_status)));
  give_up(fmt::format("{}: {} did not return within {} s", name_, first_word(line),
                      std::chrono::duration<double>(patience_).count()));
}

void LocalAgent::give_up(const std::string& why) {
  child_.kill();
  throw AgentGone(why);
}

std::string RankAgent::answer_to(const std::string& line) {
  try {
    coordinator_.tell(rank_, {.task = Task::play, .step = line});
    return coordinator_.hear(rank_, patience_);
  } catch (const RaceError& error) {
    throw AgentGone(error.what());
  }
}

}  // namespace npyrace
