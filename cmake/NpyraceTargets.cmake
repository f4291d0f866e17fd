# How every folder of npyrace becomes a target, so that the folders' own lists stay short.

# Warnings, sanitizers, large files: the same for every target of ours.
function(npyrace_settings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    # Designated initializers leave out what keeps its default, on purpose.
    -Wno-missing-field-initializers)
  # GCC 12 warns of its own std::string (bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  if(NPYRACE_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  target_compile_definitions(${target} PUBLIC _FILE_OFFSET_BITS=64)
  # A buffer that overflows ends the program. Fortified functions need an optimizer, and hide errors
  # from the sanitizers. GCC before 12 knows no third level.
  if(NOT CMAKE_BUILD_TYPE STREQUAL Debug AND NOT NPYRACE_SANITIZE)
    target_compile_options(${target} PRIVATE -U_FORTIFY_SOURCE
      -D_FORTIFY_SOURCE=$<IF:$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,12>>,2,3>
      -fstack-protector-strong -fstack-clash-protection)
    target_link_options(${target} PUBLIC -Wl,-z,relro,-z,now,-z,noexecstack)
  endif()
  if(NPYRACE_SANITIZE)
    # A report ends the program: UBSan's would be lines that nobody reads.
    target_compile_options(${target} PUBLIC -fsanitize=${NPYRACE_SANITIZE} -fno-omit-frame-pointer
      -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${NPYRACE_SANITIZE})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL EXECUTABLE AND NOT NPYRACE_SANITIZE MATCHES fuzzer)
      npyrace_sanitizer_options()
      target_link_libraries(${target} PRIVATE npyrace_sanitizer_options ${NPYRACE_ARCHER})
    endif()
  endif()
endfunction()

# The sanitizers' options and suppressions, for every program. A race detector needs libarcher to know what OpenMP
# synchronizes; it works with clang's libomp only.
function(npyrace_sanitizer_options)
  if(TARGET npyrace_sanitizer_options)
    return()
  endif()
  add_library(npyrace_sanitizer_options OBJECT ${PROJECT_SOURCE_DIR}/tests/sanitizers/options.cpp)
  target_compile_definitions(npyrace_sanitizer_options PRIVATE
    NPYRACE_STRAY_REPORTS="${PROJECT_BINARY_DIR}/stray-reports")
  if(NPYRACE_SANITIZE MATCHES thread)
    file(GLOB folders /usr/lib/llvm-*/lib)
    find_library(NPYRACE_ARCHER archer HINTS ${folders} REQUIRED)
  endif()
endfunction()

# npyrace_room(core/os SOURCES a.cpp … USES core/base … LINK fmt::fmt … TESTS a_test.cpp …): a folder as the
# library npyrace_core_os. USES are the rooms below that it may include, LINK libraries of others.
# tests/house checks the includes against USES. TESTS become one Catch2 binary that links no more
# than the room itself.
function(npyrace_room room)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LINK;TESTS" ${ARGN})
  string(REPLACE "/" "_" name ${room})
  list(TRANSFORM ARG_USES REPLACE "/" "_")
  list(TRANSFORM ARG_USES PREPEND npyrace_)
  add_library(npyrace_${name} STATIC ${ARG_SOURCES})
  set_target_properties(npyrace_${name} PROPERTIES EXPORT_NAME ${name}
    UNITY_BUILD ${NPYRACE_UNITY} UNITY_BUILD_BATCH_SIZE 0)
  target_include_directories(npyrace_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(npyrace_${name} PUBLIC cxx_std_20)
  target_compile_definitions(npyrace_${name} PRIVATE NPYRACE_VERSION="${PROJECT_VERSION}")
  target_link_libraries(npyrace_${name} PUBLIC ${ARG_USES} ${ARG_LINK})
  npyrace_settings(npyrace_${name})
  if(NPYRACE_BUILD_TESTS AND ARG_TESTS)
    add_executable(npyrace_${name}_tests ${ARG_TESTS})
    target_link_libraries(npyrace_${name}_tests PRIVATE npyrace_${name} npyrace_test_main)
    target_compile_definitions(npyrace_${name}_tests PRIVATE NPYRACE_VERSION="${PROJECT_VERSION}")
    npyrace_settings(npyrace_${name}_tests)
    string(REPLACE "_" "." test ${name})
    add_test(NAME unit.${test} COMMAND npyrace_${name}_tests)
    set_tests_properties(unit.${test} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()
