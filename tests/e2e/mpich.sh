#!/usr/bin/env bash
# Runs the tests of launcher mpi with MPICH: mpich.sh BUILD PYTHON. Builds npyrace-mpi with MPICH in a separate folder,
# because the npyrace-mpi in BUILD is built with the MPI of `mpicxx`.
set -euo pipefail
build=$1 python=$2
here=$(cd "$(dirname "$0")" && pwd)
mpicxx=$(command -v mpicxx.mpich) || { echo "skipped: no mpicxx.mpich (Debian: libmpich-dev mpich)"; exit 77; }
case $build in */portable) preset=portable ;; *) preset=release ;; esac
cmake --preset "$preset" -S "$here/../.." -B "$build/mpich" -DMPI_CXX_COMPILER="$mpicxx" >/dev/null
ninja -C "$build/mpich" npyrace-mpi >/dev/null
export NPYRACE_MPI=$build/mpich/bench/npyrace-mpi NPYRACE_MPIRUN=mpirun.mpich
exec "$python" "$here/test_mpi.py"
