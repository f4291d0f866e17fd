# What is installed: the program, and npyrace::core as a CMake package.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/npyrace)

install(TARGETS npyrace)
install(FILES ${PROJECT_BINARY_DIR}/npyrace.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(TARGETS npyrace_core npyrace_core_base npyrace_core_os npyrace_core_file npyrace_core_npy
                npyrace_core_array npyrace_core_result EXPORT npyrace-targets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/core DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/npyrace
        FILES_MATCHING PATTERN "*.h")
# <npyrace/core/memmap.h>, whichever room memmap.h is in.
# No CONFIGURE_DEPENDS: with it `ninja -n`, which quickstart counts steps with, finds CMake to be run each time.
file(GLOB core_headers RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/core/*/*.h)
foreach(header IN LISTS core_headers)
  get_filename_component(name ${header} NAME)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/forwarding/${name}
       CONTENT "#pragma once\n#include \"${header}\"\n")
  install(FILES ${PROJECT_BINARY_DIR}/forwarding/${name}
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/npyrace/core)
endforeach()
install(EXPORT npyrace-targets NAMESPACE npyrace:: DESTINATION ${package_folder})

configure_package_config_file(${PROJECT_SOURCE_DIR}/packaging/npyrace-config.cmake.in
  ${PROJECT_BINARY_DIR}/npyrace-config.cmake INSTALL_DESTINATION ${package_folder})
# Before version 1 every minor version may change what it offers.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/npyrace-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/npyrace-config.cmake
              ${PROJECT_BINARY_DIR}/npyrace-config-version.cmake
        DESTINATION ${package_folder})
