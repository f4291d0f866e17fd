#include <npyrace/core/memmap.h>

#include <iostream>

int main(int, char** argv) {
  const npyrace::NpyHeader header = npyrace::read_header(argv[1]);
  npyrace::Memmap array = npyrace::open_memmap(argv[1], npyrace::MapMode::read_write);
  array.bytes().back() = std::byte{42};
  array.close();
  std::cout << header.record_count() << " records of " << header.record_bytes() << " bytes\n";
}
