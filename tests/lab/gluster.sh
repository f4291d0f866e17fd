#!/usr/bin/env bash
# Sets up a real cluster file system with the page caches of two nodes on one machine: one GlusterFS brick and two FUSE clients, all on
# 127.0.0.1, without a management daemon.
#   gluster.sh run [--opts "CLIENT OPTIONS"] -- COMMAND [ARGS...]   the directories of the two nodes and the store are in COMMAND's
#                                     environment: NODE1, NODE2, STORE. Removes everything afterwards; exit status: the command's
#   gluster.sh up DIR [CLIENT OPTIONS]   makes DIR/n1, DIR/n2 (the nodes) over DIR/brick (the store); can be repeated
#   gluster.sh down DIR                  unmounts, ends and removes all that `up` made; can be repeated
# Client options are glusterfs's own, e.g. --kernel-writeback-cache=yes. Needs root, /dev/fuse, and Debian's glusterfs-server and
# glusterfs-client; installs nothing. Exit code 125: set-up failed; one line gives the reason. Set-up takes about two seconds.
set -eu
export PATH=$PATH:/usr/sbin:/sbin
die() { echo "gluster.sh: $*" >&2; exit 125; }

check_machine() {
  if ! command -v glusterfsd >/dev/null || ! command -v glusterfs >/dev/null; then
    die "GlusterFS is missing: apt-get install --no-install-recommends glusterfs-server glusterfs-client"
  fi
  [ -c /dev/fuse ] || die "/dev/fuse is missing"
  [ "$(id -u)" = 0 ] || die "only root can mount GlusterFS"
}

listens() { (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  for port in $(seq $((20000 + $$ % 10000)) 30100); do
    listens "$port" || { echo "$port"; return; }
  done
  die "no free port on 127.0.0.1"
}

write_volumes() {     # DIR PORT
  cat >"$1/brick.vol" <<VOL
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
  cat >"$1/client.vol" <<VOL
volume remote
  type protocol/client
  option transport-type tcp
  option remote-host 127.0.0.1
  option remote-port $2
  option remote-subvolume locks
end-volume
VOL
}

wait_until() {        # SECONDS COMMAND...
  local tries=$(($1 * 10)); shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1)); [ $tries -gt 0 ] || return 1
    sleep 0.1
  done
}

works() { mountpoint -q "$1" && timeout 5 ls "$1"; }

up() (
  dir=$1; shift
  case $dir in *[[:space:]]*) die "GlusterFS takes no blanks in a path: $dir" ;; esac
  ! { works "$dir/n1" && works "$dir/n2"; } >/dev/null 2>&1 || exit 0
  trap 'down "$dir"' EXIT                    # remove a partial set-up
  mkdir -p "$dir"/{brick,n1,n2}; port=$(free_port); write_volumes "$dir" "$port"
  glusterfsd -f "$dir/brick.vol" -l "$dir/brick.log" -p "$dir/brick.pid" || die "the brick did not start: $(tail -n 1 "$dir/brick.log")"
  wait_until 10 listens "$port" || die "the brick does not listen: $(tail -n 1 "$dir/brick.log")"
  for n in n1 n2; do
    glusterfs -f "$dir/client.vol" "$@" -l "$dir/$n.log" -p "$dir/$n.pid" "$dir/$n" 2>/dev/null || true
    wait_until 10 works "$dir/$n" || die "no mount of $n: $(grep ' E ' "$dir/$n.log" | tail -n 1)"
  done
  trap - EXIT
)

end() {               # PIDFILE NAME: only if the pid still belongs to the process that we started
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  grep -qs "$2" "/proc/$pid/cmdline" || return 0
  kill "$pid" 2>/dev/null || return 0
  wait_until 5 test ! -e "/proc/$pid" || kill -9 "$pid" 2>/dev/null || true
}

down() {
  local dir=$1 n
  [ -d "$dir" ] || return 0
  for n in n1 n2; do
    ! mountpoint -q "$dir/$n" || umount "$dir/$n" 2>/dev/null || umount --lazy "$dir/$n" || true
    end "$dir/$n.pid" "$dir/client.vol"
  done
  end "$dir/brick.pid" "$dir/brick.vol"
  for n in n1 n2; do ! mountpoint -q "$dir/$n" || return 1; done   # never remove files below a mount
  rm -rf "$dir/brick"; rm -f "$dir"/{n1,n2,brick}.{pid,log} "$dir"/{brick,client}.vol
  rmdir "$dir/n1" "$dir/n2" "$dir" 2>/dev/null || true
}

run() {
  local options=() rc=0
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
  up "$folder" "${options[@]}"
  NODE1=$folder/n1 NODE2=$folder/n2 STORE=$folder/brick "$@" <&0 & command=$!
  wait $command || rc=$?
  command=''
  exit $rc
}

case ${1-} in
run) shift; check_machine; run "$@" ;;
up) [ $# -ge 2 ] || die "up needs a directory"
  check_machine; dir=$(realpath -m "$2"); shift 2; up "$dir" "$@" ;;
down) [ $# -eq 2 ] || die "down needs a directory"
  down "$(realpath -m "$2")" ;;
*) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
