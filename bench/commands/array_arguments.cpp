#include "bench/commands/array_arguments.h"

#include "bench/commands/typed_values.h"
#include "core/layouts/layout.h"
#include "core/ownership.h"
#include "core/stamp.h"
#include "core/table.h"

namespace npyrace {

void add_array_options(CLI::App& app, ArrayOptions& options) {
  app.add_option("--records", options.records, "How many records")
      ->check(whole_number())
      ->type_name("N")
      ->group("Array");
  app.add_option("--record-bytes", options.record_bytes, "Bytes of a record (raw bytes, |VN)")
      ->check(whole_number())
      ->type_name("B")
      ->group("Array");
  app.add_option("--descr", options.descr,
                 "NumPy's descr of an item: '<f8' or \"[('t', '<i8'), ('x', '<f4')]\"; a pair of "
                 "<i8 unless said")
      ->type_name("D")
      ->group("Array");
  app.add_option(
         "--shape", options.shape,
         "Shape of the array, instead of --records: 1440,1000 has 1440 records of 1000 items")
      ->delimiter(',')
      ->check(whole_number())
      ->type_name("N,...")
      ->group("Array");
}

void add_generation_option(CLI::App& app, std::optional<unsigned>& generation,
                           const std::string& text) {
  app.add_option("--generation", generation, text)
      ->check(whole_number(1, kLastGeneration))
      ->type_name("G");
}

void add_placement_options(CLI::App& app, PlacementOptions& options) {
  app.add_option("--layout", options.layout, names_of(layout_table()))
      ->capture_default_str()
      ->type_name("L")
      ->group("Placement");
  app.add_option("--ownership", options.ownership, names_of(ownership_table()))
      ->capture_default_str()
      ->type_name("O")
      ->group("Placement");
  app.add_option("--align", options.align_bytes,
                 "Alignment unit of padded layouts, in bytes (4k, 1M): the page size unless said")
      ->transform(size_in_bytes())
      ->type_name("BYTES")
      ->group("Placement");
  app.add_option("--writers", options.writers, "How many writers share the array")
      ->capture_default_str()
      ->check(whole_number(1))
      ->type_name("W")
      ->group("Placement");
  app.add_option("--seed", options.seed, "Of stamps and random ownership (1)")
      ->check(whole_number())
      ->type_name("S")
      ->group("Placement");
}

}  // namespace npyrace
