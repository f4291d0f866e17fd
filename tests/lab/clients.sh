#!/usr/bin/env bash
# Sets up a real network file system with the page caches of two nodes on one machine: one server of the directory "brick" and two FUSE
# clients, all on 127.0.0.1, apart from whatever servers the machine has.
#   clients.sh run KIND [--opts "CLIENT OPTIONS"] -- COMMAND [ARGS...]   the directories of the two nodes and the store are in COMMAND's
#                                     environment: NODE1, NODE2, STORE. Removes everything afterwards; exit status: the command's
#   clients.sh up KIND DIR [CLIENT OPTIONS]   makes DIR/n1, DIR/n2 (the nodes) over DIR/brick (the store); can be repeated
#   clients.sh down DIR                       unmounts, ends and removes all that `up` made; can be repeated
# KIND: gluster (client options are glusterfs's own, e.g. --kernel-writeback-cache=yes) or sshfs (e.g. -o kernel_cache). Needs root,
# /dev/fuse and the packages that it names; installs nothing. Exit code 125: set-up failed; one line gives the reason. Set-up takes seconds.
set -eu
export PATH=$PATH:/usr/sbin:/sbin
die() { echo "clients.sh: $*" >&2; exit 125; }

listens() { (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  for port in $(seq $((20000 + $$ % 10000)) 30100); do
    listens "$port" || { echo "$port"; return; }
  done
  die "no free port on 127.0.0.1"
}

wait_until() {        # SECONDS COMMAND...
  local tries=$(($1 * 10)); shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1)); [ $tries -gt 0 ] || return 1
    sleep 0.1
  done
}

# --- each kind: programs and their packages; serve DIR PORT, which writes DIR/conf/server.pid; client DIR NODE PORT OPTIONS ---
# A client that ends by itself when it is unmounted writes no DIR/conf/NODE.pid.
gluster_needs="glusterfsd glusterfs"
gluster_packages="glusterfs-server glusterfs-client"
gluster_serve() {
  cat >"$1/conf/brick.vol" <<VOL
volume brick
  type storage/posix
  option directory $1/brick
end-volume
volume locks
  type features/locks
  subvolumes brick
end-volume
volume server
  type protocol/server
  option transport-type tcp
  option transport.socket.bind-address 127.0.0.1
  option transport.socket.listen-port $2
  option auth.addr.locks.allow 127.0.0.1
  subvolumes locks
end-volume
VOL
  cat >"$1/conf/client.vol" <<VOL
volume remote
  type protocol/client
  option transport-type tcp
  option remote-host 127.0.0.1
  option remote-port $2
  option remote-subvolume locks
end-volume
VOL
  glusterfsd -f "$1/conf/brick.vol" -l "$1/conf/server.log" -p "$1/conf/server.pid"
}
gluster_client() {
  local dir=$1 node=$2; shift 3
  glusterfs -f "$dir/conf/client.vol" "$@" -l "$dir/conf/$node.log" -p "$dir/conf/$node.pid" "$dir/$node" 2>/dev/null
}

sshfs_needs="sshd ssh-keygen sshfs"
sshfs_packages="openssh-server openssh-client sshfs"
sshfs_serve() {
  local conf=$1/conf
  ssh-keygen -q -t ed25519 -N '' -f "$conf/key"
  mkdir -p /run/sshd                         # sshd asks for it
  cat >"$conf/sshd" <<SSHD
ListenAddress 127.0.0.1:$2
HostKey $conf/key
PidFile $conf/server.pid
AuthorizedKeysFile $conf/key.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
SSHD
  "$(command -v sshd)" -f "$conf/sshd" -E "$conf/server.log"
}
sshfs_client() {
  local dir=$1 node=$2 port=$3; shift 3
  sshfs -p "$port" -o "IdentityFile=$dir/conf/key,UserKnownHostsFile=/dev/null,StrictHostKeyChecking=no,LogLevel=ERROR" -F /dev/null "$@" \
    "127.0.0.1:$dir/brick" "$dir/$node" 2>"$dir/conf/$node.log"
}

check_machine() {     # KIND
  local need needs=${1}_needs packages=${1}_packages
  [ -n "${!needs-}" ] || die "no kind '$1': gluster or sshfs"
  for need in ${!needs}; do
    command -v "$need" >/dev/null || die "$need is missing: apt-get install --no-install-recommends ${!packages}"
  done
  [ -c /dev/fuse ] || die "/dev/fuse is missing"
  [ "$(id -u)" = 0 ] || die "only root can set up $1"
}

works() { mountpoint -q "$1" && timeout 5 ls "$1"; }
last_of() { tail -n 1 "$1" 2>/dev/null || true; }

up() (
  kind=$1 dir=$2; shift 2
  case $dir in *[[:space:]]*) die "$kind takes no blanks in a path: $dir" ;; esac
  ! { works "$dir/n1" && works "$dir/n2"; } >/dev/null 2>&1 || exit 0
  trap 'down "$dir"' EXIT                    # remove a partial set-up
  mkdir -p "$dir"/{brick,n1,n2,conf}; port=$(free_port)
  "${kind}_serve" "$dir" "$port" || die "the server did not start: $(last_of "$dir/conf/server.log")"
  wait_until 10 listens "$port" || die "the server does not listen: $(last_of "$dir/conf/server.log")"
  for n in n1 n2; do
    "${kind}_client" "$dir" $n "$port" "$@" || true
    wait_until 10 works "$dir/$n" || die "no mount of $n: $(last_of "$dir/conf/$n.log")"
  done
  trap - EXIT
)

end() {               # PIDFILE DIR: only if the pid still belongs to the process that we started
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  grep -qsF "$2/conf/" "/proc/$pid/cmdline" || return 0
  kill "$pid" 2>/dev/null || return 0
  wait_until 5 test ! -e "/proc/$pid" || kill -9 "$pid" 2>/dev/null || true
}

down() {
  local dir=$1 n
  [ -d "$dir" ] || return 0
  for n in n1 n2; do
    ! mountpoint -q "$dir/$n" || umount "$dir/$n" 2>/dev/null || umount --lazy "$dir/$n" || true
    end "$dir/conf/$n.pid" "$dir"
  done
  end "$dir/conf/server.pid" "$dir"
  for n in n1 n2; do ! mountpoint -q "$dir/$n" || return 1; done   # never remove files below a mount
  rm -rf "$dir/brick" "$dir/conf"
  rmdir "$dir/n1" "$dir/n2" "$dir" 2>/dev/null || true
}

run() {
  local kind=$1 options=() rc=0; shift
  while [ $# -gt 0 ]; do
    case $1 in
    --opts) read -r -a options <<<"${2?--opts needs a value}"; shift 2 ;;
    --) shift; break ;; *) die "unknown option $1" ;;
    esac
  done
  [ $# -gt 0 ] || die "no command"
  folder=$(mktemp -d) command=''
  # In the background, because bash handles a signal only after a foreground command has ended.
  # shellcheck disable=SC2086
  trap 'kill $command 2>/dev/null || true; wait $command 2>/dev/null || true; down "$folder"' EXIT
  trap 'exit 130' INT; trap 'exit 143' TERM HUP
  up "$kind" "$folder" "${options[@]}"
  NODE1=$folder/n1 NODE2=$folder/n2 STORE=$folder/brick "$@" <&0 & command=$!
  wait $command || rc=$?
  command=''
  exit $rc
}

case ${1-} in
run) [ $# -ge 2 ] || die "run needs a kind"
  check_machine "$2"; shift; run "$@" ;;
up) [ $# -ge 3 ] || die "up needs a kind and a directory"
  check_machine "$2"; kind=$2 dir=$(realpath -m "$3"); shift 3; up "$kind" "$dir" "$@" ;;
down) [ $# -eq 2 ] || die "down needs a directory"
  down "$(realpath -m "$2")" ;;
*) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
