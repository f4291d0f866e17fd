#!/usr/bin/env bash
# Sets up a real Slurm on this machine: one controller and two nodes, n1 and n2, as daemons of the same host.
#   slurm.sh run -- COMMAND     runs COMMAND with SLURM_CONF set; the daemons end with it
# Needs root, and Debian's slurm-wlm and munge. Exit code: COMMAND's; 125 if Slurm cannot be set up, with the reason.
set -euo pipefail

no_place() { echo "slurm.sh: $*" >&2; exit 125; }

[ "${1-}" = run ] && [ "${2-}" = -- ] && [ $# -gt 2 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
shift 2
[ "$(id -u)" = 0 ] || no_place "needs root"
for tool in slurmctld slurmd sbatch munged; do
  PATH=$PATH:/usr/sbin command -v $tool >/dev/null || no_place "no $tool (Debian: slurm-wlm munge)"
done
PATH=$PATH:/usr/sbin

cpus=${SLURM_LAB_CPUS:-4}  # tasks at once on each node, independent of the machine's processors
folder=$(mktemp -d /tmp/npyrace-slurm-XXXXXX)
chmod 755 "$folder"
pids=()
tidy_up() {
  local pid
  for pid in $(cat "$folder"/*.pid 2>/dev/null) "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  # Job steps outlive their daemon. They are recognised by SLURM_CONF in their environment.
  for pid in $(pgrep -f "slurmstepd: .*" || true); do
    grep -qz "SLURM_CONF=$folder/slurm.conf" "/proc/$pid/environ" 2>/dev/null && kill "$pid" 2>/dev/null || true
  done
  rm -rf "$folder"
}
trap tidy_up EXIT
trap 'exit 130' INT TERM

ports=($(/usr/bin/python3 - <<'PY'
import socket
held = [socket.socket() for _ in range(3)]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))
PY
))
mkdir "$folder"/{state,spool-n1,spool-n2,munge}
chmod 700 "$folder/munge"
head -c 1024 /dev/urandom >"$folder/munge/key"
chmod 400 "$folder/munge/key"
cat >"$folder/slurm.conf" <<CONF
ClusterName=npyrace
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CryptoType=crypto/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000,bf_interval=1,requeue_setup_env_fail
ReturnToService=2
MpiDefault=none
KillWait=2
NodeName=n1 NodeAddr=127.0.0.1 NodeHostname=$(hostname) Port=${ports[1]} CPUs=$cpus State=UNKNOWN
NodeName=n2 NodeAddr=127.0.0.1 NodeHostname=$(hostname) Port=${ports[2]} CPUs=$cpus State=UNKNOWN
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$folder/slurm.conf

munged --foreground --force --key-file="$folder/munge/key" --socket="$folder/munge.socket" \
       --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" --seed-file="$folder/munge/seed" \
       >"$folder/munged.out" 2>&1 &
pids+=($!)
for _ in $(seq 100); do [ -S "$folder/munge.socket" ] && break; sleep 0.1; done
[ -S "$folder/munge.socket" ] || no_place "munged: $(tail -n 1 "$folder"/munged.{out,log} | tr '\n' ' ')"
slurmctld -D >"$folder/slurmctld.out" 2>&1 &
pids+=($!)
for node in n1 n2; do
  slurmd -D -N $node >"$folder/$node.out" 2>&1 &
  pids+=($!)
done
idle() { [ "$(sinfo -h -N -o '%T' 2>/dev/null | grep -c '^idle$')" = 2 ]; }
for _ in $(seq 150); do
  idle && break
  scontrol update nodename=n1,n2 state=resume >/dev/null 2>&1 || true
  sleep 0.2
done
idle || no_place "the nodes did not come up: $(tail -n 2 "$folder"/{slurmctld,n1,n2}.out | tr '\n' ' ')"
set +e
"$@"
code=$?
exit $code
