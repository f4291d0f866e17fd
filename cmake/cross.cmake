# Toolchain: another architecture (NPYRACE_CROSS: aarch64 or i686), by Debian's cross compiler. NPYRACE_SYSROOT holds
# the libraries of Debian's packages of that architecture, which packaging/cross brings.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${NPYRACE_CROSS})
set(CMAKE_CXX_COMPILER ${NPYRACE_CROSS}-linux-gnu-g++)
set(CMAKE_C_COMPILER ${NPYRACE_CROSS}-linux-gnu-gcc)
# Debian names the folders of 32-bit x86 after its oldest processor.
string(REPLACE i686 i386 library_folder ${NPYRACE_CROSS}-linux-gnu)
set(CMAKE_LIBRARY_ARCHITECTURE ${library_folder})
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES NPYRACE_CROSS NPYRACE_SYSROOT)
set(CMAKE_FIND_ROOT_PATH ${NPYRACE_SYSROOT} /usr/${NPYRACE_CROSS}-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${NPYRACE_SYSROOT}/usr/lib/${library_folder}/pkgconfig:${NPYRACE_SYSROOT}/usr/share/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${NPYRACE_SYSROOT})
if(NPYRACE_CROSS STREQUAL aarch64)
  set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)
endif()
# The site's MPI is of another architecture.
set(CMAKE_DISABLE_FIND_PACKAGE_MPI ON)
