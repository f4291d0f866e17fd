// Uses the public interface: the header, the mapping, a window, the map, the stamps.
#include <npyrace/array_map.h>
#include <npyrace/memmap.h>
#include <npyrace/npy_header.h>
#include <npyrace/stamp.h>

#include <iostream>

int main(int, char** argv) {
  const npyrace::NpyHeader header = npyrace::read_header(argv[1]);
  std::cout << header.record_count() << " records of " << header.record_bytes() << " bytes\n";

  const npyrace::ArrayMap map(npyrace::ArrayRequest{.records = header.record_count()});
  const npyrace::Stamper stamper = map.stamper(1);
  npyrace::Memmap array = npyrace::open_memmap(argv[1], npyrace::MapMode::read_write);
  for (std::uint64_t i = 0; i < map.count(0); ++i) {
    const std::uint64_t element = map.element(0, i);
    stamper.fill(array.bytes().subspan(element * map.element_bytes(), map.record_bytes()), element,
                 1);
  }
  array.close();

  npyrace::Memmap last = npyrace::open_window(
      argv[1], npyrace::MapMode::read,
      npyrace::Window{.first_element = header.element_count() - 1, .shape = {1}});
  const bool right = stamper.matches(last.bytes(), map.elements() - 1, 1);
  std::cout << "the last record holds " << (right ? "its stamp\n" : "something else\n");
}
