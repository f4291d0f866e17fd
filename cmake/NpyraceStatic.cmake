# NPYRACE_STATIC: npyrace becomes one static file that runs on any Linux of its architecture,
# whichever C library is there. MPI stays outside, in npyrace-mpi: a site's MPI library is a shared
# one. This file finds the libraries in the form that is needed.

# Before .a becomes the only suffix: MPI is always shared.
set(MPI_CXX_SKIP_MPICXX ON)  # bindings of MPI 2 that nobody uses
find_package(MPI COMPONENTS CXX)

if(NPYRACE_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  # A static program that is no PIE sorts all of its unwind tables (10 ms) at its first exception.
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  # The same bytes wherever the sources lie.
  add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
  find_library(NPYRACE_STATIC_BENCHMARK benchmark)
  set(NPYRACE_FMT fmt::fmt-header-only)
  set(NPYRACE_PUGIXML pugixml::static)
else()
  set(NPYRACE_FMT fmt::fmt)
  set(NPYRACE_PUGIXML pugixml::pugixml)
endif()

if(NPYRACE_STATIC AND NOT NPYRACE_STATIC_BENCHMARK)
  # Debian has no static Google Benchmark: it is built from the source that quickstart brought. The
  # checksum is that of Debian's benchmark_1.7.1.orig.tar.gz.
  include(FetchContent)
  set(BENCHMARK_ENABLE_TESTING OFF CACHE BOOL "")
  set(BENCHMARK_ENABLE_INSTALL OFF CACHE BOOL "")
  set(BENCHMARK_INSTALL_DOCS OFF CACHE BOOL "")
  set(BENCHMARK_ENABLE_WERROR OFF CACHE BOOL "")
  FetchContent_Declare(benchmark URL ${NPYRACE_BENCHMARK_ARCHIVE}
    URL_HASH SHA256=6430e4092653380d9dc4ccb45a1e2dc9259d581f4866dc0759713126056bc1d7
    DOWNLOAD_EXTRACT_TIMESTAMP OFF)
  FetchContent_MakeAvailable(benchmark)
else()
  find_package(benchmark REQUIRED)
endif()
