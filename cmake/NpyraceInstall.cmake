# Installs the program, and npyrace::core as a CMake package.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/npyrace)

install(TARGETS npyrace)
if(TARGET npyrace-mpi)
  install(TARGETS npyrace-mpi)
endif()
install(FILES ${PROJECT_BINARY_DIR}/npyrace.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(TARGETS npyrace_core npyrace_core_base npyrace_core_file npyrace_core_npy npyrace_core_array
        EXPORT npyrace-targets)
install(CODE "set(NPYRACE_SOURCE \"${PROJECT_SOURCE_DIR}\")
set(NPYRACE_BINARY \"${PROJECT_BINARY_DIR}\")
set(NPYRACE_INCLUDEDIR \"${CMAKE_INSTALL_INCLUDEDIR}\")")
install(SCRIPT ${PROJECT_SOURCE_DIR}/cmake/NpyraceHeaders.cmake)
install(EXPORT npyrace-targets NAMESPACE npyrace:: DESTINATION ${package_folder})

configure_package_config_file(${PROJECT_SOURCE_DIR}/packaging/npyrace-config.cmake.in
  ${PROJECT_BINARY_DIR}/npyrace-config.cmake INSTALL_DESTINATION ${package_folder})
# Before version 1 every minor version may change what it offers.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/npyrace-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/npyrace-config.cmake
              ${PROJECT_BINARY_DIR}/npyrace-config-version.cmake
        DESTINATION ${package_folder})
