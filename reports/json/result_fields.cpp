#include "reports/json/result_fields.h"

#include <fmt/format.h>

#include "core/base/table.h"
#include "reports/json/json_report.h"

namespace npyrace {

// Comparisons of cells.

static void describe(JsonFields& json, Separation& separation) {
  json("strategy", separation.strategy);
  json("cache", separation.cache);
  json("sync", separation.sync);
  json("launcher", separation.launcher);
  json("writers", separation.writers);
  json("packed_safe", separation.packed_safe);
  json("alignments", separation.alignments);
  json("unsafe_up_to_bytes", separation.unsafe_up_to_bytes);
  json("safe_from_bytes", separation.safe_from_bytes);
}

static void describe(JsonFields& json, ScalingPoint& point) {
  json("writers", point.writers);
  json("records_per_second", point.records_per_second);
  json("records_per_second_interval", point.records_per_second_interval);
  json("counts", point.counts);
}

static void describe(JsonFields& json, Scaling& scaling) {
  json("strategy", scaling.strategy);
  json("layout", scaling.layout);
  json("align_bytes", scaling.align_bytes);
  json("ownership", scaling.ownership);
  json("sync", scaling.sync);
  json("cache", scaling.cache);
  json("launcher", scaling.launcher);
  json("points", scaling.points);
  json("knee_writers", scaling.knee_writers);
  json("reason", scaling.reason);
}

static void describe(JsonFields& json, RecipeScript& script) {
  json("name", script.name);
  json("text", script.text);
}

static void describe(JsonFields& json, Recommendation& recommendation) {
  json("cell", recommendation.cell);
  json("why", recommendation.why);
  json("align_bytes", recommendation.align_bytes);
  json("numpy", recommendation.numpy);
  json("ties", recommendation.ties);
  json("smallest_safe_bytes", recommendation.smallest_safe_bytes);
  json("bytes_a_record", recommendation.bytes_a_record);
  json("fastest_unsafe", recommendation.fastest_unsafe);
  json("times_faster", recommendation.times_faster);
  json("missing", recommendation.missing);
  json("recipe", recommendation.recipe);
}

// Experiments.

static void describe(JsonFields& json, LatencyBar& bar) {
  json("from_seconds", bar.from_seconds);
  json("to_seconds", bar.to_seconds);
  json("samples", bar.samples);
}

static void describe(JsonFields& json, LatencyResult& latency) {
  json.required("name", latency.name);
  json("samples", latency.samples);
  json("p50_seconds", latency.p50_seconds);
  json("p90_seconds", latency.p90_seconds);
  json("p99_seconds", latency.p99_seconds);
  json("max_seconds", latency.max_seconds);
  json("histogram", latency.histogram);
}

static void describe(JsonFields& json, ExperimentResult& result) {
  json.required("scenario", result.scenario);
  json.required("name", result.name);
  json("verdict", result.verdict);
  json("reason", result.reason);
  json("counts", result.counts);
  json("examples", result.examples);
  json("latencies", result.latencies);
}

static void describe(JsonFields& json, Promise& promise) {
  json.text(promise_name(promise), [&](const std::string& name) {
    promise = find_row("promise", name, promise_table()).promise;
  });
}

static void describe(JsonFields& json, ActObservation& look) {
  json("after", look.after);
  json("held", look.held);
  json("opened", look.opened);
  json("delay_seconds", look.delay_seconds);
}

static void describe(JsonFields& json, PassportRow& row) {
  json("via", row.via);
  json("sharing", row.sharing);
  json.required("named", row.named);
  json("visible_after", row.visible_after);
  json("reader", row.reader);
  json("delay_seconds", row.delay_seconds);
  json("tries", row.tries);
  json("acts", row.acts);
  json("counter_examples", row.counter_examples);
  json.unless_empty("problem", row.problem);
  json.when(!row.problem.empty(), "refused", row.refused);
}

static void describe(JsonFields& json, Passport& passport) {
  json.required("named", passport.named);
  json.write_only("meaning", std::string(promise_meaning(passport.named)));
  json("between", passport.between);
  json("rows", passport.rows);
}

// The machine and the whole result.

static void describe(JsonFields& json, MountResult& mount) {
  json("dir", mount.dir);
  json.unless_empty("place", mount.place);
  json("fs_type", mount.fs_type);
  json("one_node", mount.one_node);
  json("mount_options", mount.mount_options);
  json("block_bytes", mount.block_bytes);
  json("promise", mount.promise);
  json("promised", mount.promised);
  json("source", mount.source);
  json("unit", mount.unit);
  json("option_notes", mount.option_notes);
  json.when(mount.stripe_bytes > 0, "stripe_bytes", mount.stripe_bytes);
  json.when(mount.stripe_count > 0, "stripe_count", mount.stripe_count);
}

static void describe(JsonFields& json, RanksResult& ranks) {
  json("library", ranks.library);
  json("hosts", ranks.hosts);
}

static void describe(JsonFields& json, Environment& environment) {
  json("version", environment.version);
  json("mounts", environment.mounts);
  json("page_bytes", environment.page_bytes);
  json("kernel", environment.kernel);
  json("host_name", environment.host_name);
  json.unless_empty("lab", environment.lab);
  json.unless_empty("lab_command", environment.lab_command);
  json("ranks", environment.ranks);
}

static void describe(JsonFields& json, ReferenceResult& reference) {
  json("name", reference.name);
  json("bytes", reference.bytes);
  json("seconds", reference.seconds);
  json("bytes_per_second", reference.bytes_per_second);
  json.unless_empty("problem", reference.problem);
}

static void describe(JsonFields& json, ProgramResult& program) {
  json("strategy", program.strategy);
  json("command", program.command);
}

static void describe(JsonFields& json, RunSeconds& seconds) {
  json("total", seconds.total);
  json("races", seconds.races);
  json("checks", seconds.checks);
  json("starts", seconds.starts);
  json("reference", seconds.reference);
  json("other", seconds.other);
}

void describe(JsonFields& json, RunResult& result) {
  std::uint64_t version = kSchemaVersion;
  json.required("schema_version", version);
  json.check(version >= 1 && version <= kSchemaVersion,
             fmt::format("schema version {} is not known here (1 to {} are): use the npyrace that "
                         "wrote it, or a newer one",
                         version, kSchemaVersion));
  json("environment", result.environment);
  json("seed", result.seed);
  json("scenarios", result.scenarios);
  json("labels", result.labels);
  json("interrupted", result.interrupted);
  json("run_seconds", result.run_seconds);
  json("programs", result.programs);
  json.required("cells", result.cells);
  json("reference", result.references);
  json("separations", result.separations);
  json.unless_empty("scaling", result.scalings);
  json("passport", result.passport);
  json.unless_empty("experiments", result.experiments);
  json("contradictions", result.contradictions);
  json("recommendation", result.recommendation);
}

}  // namespace npyrace
