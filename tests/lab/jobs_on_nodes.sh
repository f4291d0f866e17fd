#!/bin/sh
# Runs independent jobs on nodes of a cluster, for every strategy, layout and cache state: create, write, verify, as a batch queue would.
# Cache state `cold` needs root.
#   jobs_on_nodes.sh NPYRACE OUT RECORDS STRATEGIES CACHES DIR1 [DIR2 [STORE]]
# With two directories: one machine with a mount per node. Worker w writes through directory w modulo 2; the file is verified in STORE.
# With one: this runs on every node at once, with NODE=1 or 2 set, and worker w belongs to node w modulo 2, plus 1; node 1 creates and verifies.
# Writes OUT/STRATEGY-LAYOUT-CACHE.json. Exit code: 0 unless there was an error; it does not depend on verdicts.
npyrace=$1 out=$2 records=$3 strategies=$4 caches=$5 first=$6 second=${7-$6} store=${8-$6}
workers=4
node=${NODE-0}

wait_for() { # FILE: until it exists, at most a minute
  tries=0
  while [ ! -e "$1" ]; do
    tries=$((tries + 1)); [ $tries -lt 300 ] || { echo "jobs_on_nodes.sh: $1 does not come" >&2; exit 9; }
    sleep 0.2
  done
}

prepare() { # CACHE FILE: puts this node's page cache of the file into that state
  case $1 in
  as-is) ;;
  cold) sync; echo 3 >/proc/sys/vm/drop_caches ;;
  warm) cat "$first/$2" "$second/$2" >/dev/null || exit 9 ;;
  *) echo "jobs_on_nodes.sh: unknown cache $1" >&2; exit 9 ;;
  esac
}

race() { # STRATEGY LAYOUT CACHE
  name=$1-$2-$3.npy
  if [ "$node" != 2 ]; then
    "$npyrace" create "$first/$name" --records "$records" --writers $workers --ownership cyclic --layout "$2" || exit 9
  fi
  wait_for "$second/$name.npyrace.json"
  prepare "$3" "$name"
  jobs=
  for worker in 0 1 2 3; do
    if [ $((worker % 2)) = 0 ]; then place=$first; else place=$second; fi
    if [ "$node" = 0 ] || [ $((worker % 2 + 1)) = "$node" ]; then
      "$npyrace" write "$place/$name" --worker $worker/$workers --strategy "$1" --together 60 >&2 & jobs="$jobs $!"
    fi
  done
  for job in $jobs; do wait "$job" || exit 9; done
  [ "$node" != 2 ] || return 0
  for worker in 0 1 2 3; do wait_for "$store/$name.npyrace.d/worker-000$worker.json"; done
  "$npyrace" verify "$store/$name" --json "$out/$1-$2-$3.json" >&2
  [ $? -le 1 ] || exit 9
}

for strategy in $strategies; do
  for layout in packed padded-block; do
    for cache in $caches; do race "$strategy" "$layout" "$cache"; done
  done
done
