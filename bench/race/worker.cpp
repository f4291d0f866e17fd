#include "bench/race/worker.h"

#include <fmt/format.h>
#include <omp.h>

#include <cstring>
#include <string>

#include "bench/launchers/die_with_parent.h"
#include "bench/race/control_block.h"
#include "bench/race/race_order.h"
#include "core/error.h"
#include "core/threads.h"

namespace npyrace {
namespace {

constexpr std::chrono::milliseconds kPatience{1000};

/// Waits until the parent lets this generation pass. False: the race was abandoned.
bool wait_to_pass(const SharedCount& gate, unsigned generation) {
  for (std::uint32_t now = gate.value();; now = gate.value()) {
    if (now == kAbandon) return false;
    if (now >= generation) return true;
    gate.wait_while(now, kPatience);
  }
}

/// Not an error: nobody wants the rest of the race.
struct Abandoned {};

/// Between the last record and the sync of a held generation.
void wait_for_others(ControlBlock& control, WriterSlot& slot) {
  const unsigned generation = slot.begun;
  if (!is_held(generation)) return;
  slot.written = generation;
  control.header().written.add_one();
  if (!wait_to_pass(control.header().let_sync, generation)) throw Abandoned();
}

/// Where one writer works for all: when this one has stored its own.
void wait_for_stores(ControlBlock& control, WriterSlot& slot) {
  const unsigned generation = slot.begun;
  slot.stored = generation;
  control.header().stored.add_one();
  if (!wait_to_pass(control.header().let_collect, generation)) throw Abandoned();
}

/// The collector tells the parent, which lets all finish: so it can also let them go home.
void wait_for_collector(ControlBlock& control, const WriterSlot& slot, std::uint64_t writer) {
  if (writer == kCollector) control.header().collected.add_one();
  if (!wait_to_pass(control.header().let_finish, slot.begun)) throw Abandoned();
}

void leave_message(WriterSlot& slot, WriterState state, const char* message) {
  std::strncpy(slot.message, message, sizeof slot.message - 1);
  slot.state = state;
}

/// Of a mixture each writer has one, in turn.
const Strategy& strategy_of(const RaceOrder& order, std::uint64_t writer) {
  const std::vector<std::string>& names = order.strategies;
  return find_strategy(names[writer % names.size()]).strategy;
}

/// One writer through all generations. False when it could not finish.
bool race(ControlBlock& control, const RaceOrder& order, const ArrayMap& map, std::uint64_t number,
          const FileOpener& open_file) {
  WriterSlot& slot = control.slot(number);
  try {
    Writer writer(
        {.map = map,
         .stamper = map.stamper(order.stamp_seed),
         .writer = number,
         .path = order.path_of(number),
         .open_file = open_file,
         .strategy = strategy_of(order, number),
         .sync = parse_sync_policy(order.sync),
         .acknowledge = [&slot](std::uint64_t records) { slot.acknowledged_records = records; },
         .all_written = [&] { wait_for_others(control, slot); },
         .local_dir = order.local_dir,
         .stored = [&] { wait_for_stores(control, slot); },
         .collected = [&] { wait_for_collector(control, slot, number); }});
    for (unsigned generation = 1; generation <= order.generations; ++generation) {
      writer.prepare(generation);
      slot.ready = generation;
      control.header().ready.add_one();
      if (!wait_to_pass(control.header().released, generation)) return true;
      slot.acknowledged_records = 0;  // before it counts as begun: it may be killed in between
      slot.begun = generation;
      slot.report = writer.write();
      slot.finished = generation;
      control.header().finished.add_one();
    }
    return true;
  } catch (const Abandoned&) {
    return true;
  } catch (const SystemError& error) {
    leave_message(slot, is_refusal(error) ? WriterState::refused : WriterState::failed,
                  error.what());
  } catch (const Refusal& error) {
    leave_message(slot, WriterState::refused, error.what());
  } catch (const std::exception& error) {
    leave_message(slot, WriterState::failed, error.what());
  }
  return false;
}

/// Writers as threads. OpenMP may give fewer threads than asked for, and then a barrier of all of
/// them would never open: that is an error, not a wait.
bool race_threads(ControlBlock& control, const RaceOrder& order, const ArrayMap& map,
                  const WorkerRequest& request, const FileOpener& open_file) {
  omp_set_dynamic(0);
  bool fine = true;
  const int wanted = static_cast<int>(request.writers);
  if (const int startable = startable_threads(wanted); startable < wanted) {
    const std::string words =
        fmt::format("only {} of {} threads can be started (ulimit -u, or the limit of a container)",
                    startable, wanted);
    for (std::uint64_t writer = 0; writer < request.writers; ++writer)
      leave_message(control.slot(request.first_writer + writer), WriterState::failed,
                    words.c_str());
    return false;
  }
#pragma omp parallel num_threads(wanted) reduction(&& : fine)
  {
    const auto number = request.first_writer + static_cast<std::uint64_t>(omp_get_thread_num());
    if (omp_get_num_threads() == wanted) {
      fine = race(control, order, map, number, open_file);
    } else {
      leave_message(control.slot(number), WriterState::failed,
                    "OpenMP started fewer threads than writers (OMP_THREAD_LIMIT?)");
      fine = false;
    }
  }
  return fine;
}

}  // namespace

ExitCode work(const WorkerRequest& request, const FileOpener& open_file) {
  die_with_parent(request.parent);
  ControlBlock control = ControlBlock::attach(request.control_descriptor);
  const RaceOrder order = race_order_from_text(control.order());
  const ArrayMap map(order.array);
  const bool fine = request.writers == 1
                        ? race(control, order, map, request.first_writer, open_file)
                        : race_threads(control, order, map, request, open_file);
  return fine ? ExitCode::fine : ExitCode::trouble;
}

}  // namespace npyrace
