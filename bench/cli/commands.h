#pragma once
// Declarations of all commands. Each function adds its options to `app` and returns the action to
// run if the command is selected.

#include "bench/cli/command_table.h"

namespace npyrace {

Action declare_advise(CLI::App& app);
Action declare_compare(CLI::App& app);
Action declare_completion(CLI::App& app);
Action declare_create(CLI::App& app);
Action declare_expect(CLI::App& app);
Action declare_gate(CLI::App& app);
Action declare_inspect(CLI::App& app);
Action declare_list(CLI::App& app);
Action declare_report(CLI::App& app);
Action declare_run(CLI::App& app);
Action declare_verify(CLI::App& app);
Action declare_watch(CLI::App& app);
Action declare_watched(CLI::App& app);
Action declare_write(CLI::App& app);
Action declare_lab(CLI::App& app);
/// Hidden command: the server process of a lab.
Action declare_lab_server(CLI::App& app);
Action declare_man(CLI::App& app);
Action declare_file_agent(CLI::App& app);
Action declare_rank_service(CLI::App& app);
Action declare_reader(CLI::App& app);
Action declare_worker(CLI::App& app);

}  // namespace npyrace
