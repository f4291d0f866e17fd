# Spack 1.0 or newer, from source, with the launcher mpi. Copy this file to packages/npyrace/ in a repository of
# packages that you have (`spack repo list`), and in the folder of the sources of npyrace call
#   spack dev-build npyrace@VERSION

from spack_repo.builtin.build_systems.cmake import CMakePackage

from spack.package import *


class Npyrace(CMakePackage):
    """Finds out whether many jobs can write their own rows into one .npy file on a file system without losing any,
    and which safe way of writing is the fastest."""

    license("BSD-3-Clause")

    version("0.2.0")

    variant("mpi", default=True, description="Build npyrace-mpi, the program with the launcher mpi")

    depends_on("cxx", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("benchmark")
    depends_on("boost@1.74:")
    depends_on("cli11")
    depends_on("fmt")
    depends_on("libfuse@3.4:")
    depends_on("liburing")
    depends_on("nlohmann-json@3.11:")
    depends_on("pugixml")
    depends_on("mpi", when="+mpi")

    def cmake_args(self):
        return [self.define("CMAKE_DISABLE_FIND_PACKAGE_MPI", not self.spec.satisfies("+mpi"))]
