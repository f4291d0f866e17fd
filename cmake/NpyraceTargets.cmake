# How every folder of npyrace becomes a target, so that the folders' own lists stay short.

# Warnings, sanitizers, large files: the same for every target of ours.
function(npyrace_settings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    # Designated initializers leave out what keeps its default, on purpose.
    -Wno-missing-field-initializers)
  if(NPYRACE_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  target_compile_definitions(${target} PUBLIC _FILE_OFFSET_BITS=64)
  if(NPYRACE_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${NPYRACE_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${NPYRACE_SANITIZE})
  endif()
endfunction()

# npyrace_folder(core SOURCES a.cpp … LINK …): the library npyrace_core, also called npyrace::core.
function(npyrace_folder name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(npyrace_${name} STATIC ${ARG_SOURCES})
  add_library(npyrace::${name} ALIAS npyrace_${name})
  set_target_properties(npyrace_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(npyrace_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    # Others say <npyrace/core/file.h>; the headers themselves say "core/file.h".
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/npyrace>)
  target_compile_features(npyrace_${name} PUBLIC cxx_std_20)
  target_link_libraries(npyrace_${name} PUBLIC ${ARG_LINK})
  npyrace_settings(npyrace_${name})
endfunction()

# npyrace_unit_tests(core SOURCES a_test.cpp … LINK …): one Catch2 binary a folder, one ctest entry.
function(npyrace_unit_tests name)
  if(NOT NPYRACE_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(npyrace_${name}_tests ${ARG_SOURCES})
  target_link_libraries(npyrace_${name}_tests PRIVATE ${ARG_LINK} npyrace_test_main)
  npyrace_settings(npyrace_${name}_tests)
  add_test(NAME unit.${name} COMMAND npyrace_${name}_tests)
  set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()
