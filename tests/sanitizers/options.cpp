// Linked into every program of a build with sanitizers: their options, and the reports that are
// left out. Here they hold for processes that start with an empty environment, too, as behind ssh.
// tests/all-sanitizers adds log_path by the environment.

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// Where reports of processes go that have lost the environment of tests/all-sanitizers.
constexpr char kStray[] = "log_path=" NPYRACE_STRAY_REPORTS "/report:";

/// Exit code 86 is none of npyrace's: no test takes a report for a verdict.
constexpr char kAddress[] =
    "log_path=" NPYRACE_STRAY_REPORTS
    "/report:exitcode=86:detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1"
    // A test with hundreds of processes must not need more memory than the machine has.
    ":quarantine_size_mb=8:malloc_context_size=10:hard_rss_limit_mb=4096";
constexpr char kUndefined[] =
    "log_path=" NPYRACE_STRAY_REPORTS "/report:exitcode=86:print_stacktrace=1";
// A child of a process with threads may start threads itself: the workers of --launcher process do.
// libomp is not instrumented: libarcher tells ThreadSanitizer what it synchronizes, apart from its
// own memory.
constexpr char kThread[] = "log_path=" NPYRACE_STRAY_REPORTS
                           "/report:exitcode=86:die_after_fork=0:ignore_noninstrumented_modules=1";

/// The options, without the path of the log where tests/all-sanitizers does not run: it makes that
/// folder. access() may be replaced by a sanitizer that is not ready yet, so this is the system
/// call.
[[gnu::used, clang::disable_sanitizer_instrumentation]] const char* options(const char* all) {
  const bool collected = ::syscall(SYS_faccessat, AT_FDCWD, NPYRACE_STRAY_REPORTS, W_OK) == 0;
  return collected ? all : all + sizeof kStray - 1;
}

}  // namespace

// Names that the sanitizers look for. They ask before they are ready, so none of these is
// instrumented.

extern "C" {

[[gnu::used, clang::disable_sanitizer_instrumentation]] const char* __asan_default_options() {
  return options(kAddress);
}

[[gnu::used, clang::disable_sanitizer_instrumentation]] const char* __ubsan_default_options() {
  return options(kUndefined);
}

[[gnu::used, clang::disable_sanitizer_instrumentation]] const char* __tsan_default_options() {
  return options(kThread);
}

/// Reports that are no fault of npyrace, one a line: the kind, what its stack names, and before it
/// the reason.
[[gnu::used, clang::disable_sanitizer_instrumentation]] const char* __lsan_default_suppressions() {
  return "";
}

[[gnu::used, clang::disable_sanitizer_instrumentation]] const char* __tsan_default_suppressions() {
  return "";
}
}
