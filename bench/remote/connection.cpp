#include "bench/remote/connection.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "core/base/error.h"
#include "core/os/shell.h"
#include "core/os/stopwatch.h"

namespace npyrace {
namespace {

/// End of the host name: after the bracket of an IPv6 address, before a colon.
std::size_t end_of_name(const std::string& text) {
  const std::size_t bracket = text.find("]");
  const bool address = text.find('[') != std::string::npos && bracket != std::string::npos;
  return std::min(text.size(), text.find(':', address ? bracket : 0));
}

/// ssh expects an IPv6 address without brackets.
std::string without_brackets(std::string name) {
  std::erase_if(name, [](char c) { return c == '[' || c == ']'; });
  return name;
}

}  // namespace

SshHost parse_ssh_host(const std::string& text) {
  const std::size_t end = end_of_name(text);
  SshHost host{.name = without_brackets(text.substr(0, end))};
  if (host.name.empty()) throw UsageError("--hosts: '" + text + "' names no host");
  if (host.name.front() == '-')
    throw UsageError("--hosts: '" + text + "' would be an option of the remote shell");
  if (end == text.size()) return host;
  host.dir = text.substr(end + 1);
  if (!host.dir.starts_with('/'))
    throw UsageError("--hosts: the directory in '" + text + "' must be absolute, as in n2:/mnt/b");
  return host;
}

namespace {

/// Our pipe ends are non-blocking.
void make_nonblocking(const Descriptor& end) {
  ::fcntl(end.number(), F_SETFL, ::fcntl(end.number(), F_GETFL) | O_NONBLOCK);
}

/// Reads into `lines`. Returns false at end of file.
bool read_into(LineBuffer& lines, const Descriptor& from) {
  std::array<char, 65536> part{};
  for (;;) {
    const ssize_t size = ::read(from.number(), part.data(), part.size());
    if (size > 0)
      lines.add({part.data(), static_cast<std::size_t>(size)});
    else if (size == 0 || errno != EINTR)
      return size < 0 && errno == EAGAIN;
  }
}

/// Passes the command as a single word: ssh and rsh pass it to a shell on the host.
SpawnRequest child_request(const ConnectionRequest& request) {
  const std::string command = shell_word(request.npyrace) + " rank-service";
  return {.arguments = {kShell, "-c", request.rsh + " \"$@\"", "sh", request.host, command}};
}

}  // namespace

struct Connection::Pipes {
  struct Pipe {
    Descriptor read_end, write_end;
    Pipe() {
      std::array<int, 2> ends{};
      if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw SystemError({"remote shell", "pipe2"}, errno);
      read_end = Descriptor(ends[0]);
      write_end = Descriptor(ends[1]);
    }
  };
  Pipe input, output, error;

  SpawnRequest with(SpawnRequest request) const {
    request.input = input.read_end.number();
    request.output = output.write_end.number();
    request.error = error.write_end.number();
    return request;
  }
};

Connection::Connection(const ConnectionRequest& request) : Connection(request, Pipes()) {}

Connection::Connection(const ConnectionRequest& request, Pipes&& pipes)
    : input_(std::move(pipes.input.write_end)),
      output_(std::move(pipes.output.read_end)),
      error_(std::move(pipes.error.read_end)),
      child_(pipes.with(child_request(request))) {
  for (const Descriptor* end : {&input_, &output_, &error_}) make_nonblocking(*end);
}

bool Connection::send(const std::string& line, std::chrono::milliseconds patience) {
  const std::string text = line + "\n";
  const std::int64_t limit_ns = monotonic_ns() + std::chrono::nanoseconds(patience).count();
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t part = ::write(input_.number(), text.data() + done, text.size() - done);
    if (part > 0) {
      done += static_cast<std::size_t>(part);
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) return false;
    if (monotonic_ns() > limit_ns) return false;
    pollfd waiting{.fd = input_.number(), .events = POLLOUT, .revents = 0};
    ::poll(&waiting, 1, 100);
  }
  return true;
}

std::vector<pollfd> Connection::descriptors() const {
  std::vector<pollfd> all{{.fd = output_.number(), .events = POLLIN, .revents = 0}};
  if (error_) all.push_back({.fd = error_.number(), .events = POLLIN, .revents = 0});
  return all;
}

bool Connection::take() {
  if (error_ && !read_into(error_lines_, error_)) error_.reset();
  while (auto line = error_lines_.next()) {
    if (line->empty()) continue;
    last_note_ = *line;
    notes_.push_back(std::move(*line));
  }
  return read_into(lines_, output_);
}

std::optional<std::string> Connection::note() {
  if (notes_.empty()) return std::nullopt;
  std::string note = std::move(notes_.front());
  notes_.pop_front();
  return note;
}

std::string Connection::last_words() {
  for (int tries = 0; tries < 100 && !has_ended(); ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  take();
  const auto end = status();
  return (end ? describe_exit(*end) : "its remote shell still runs") +
         (last_note_.empty() ? "" : ": " + last_note_);
}

}  // namespace npyrace
