#!/usr/bin/env bash
# Mounts a new local file system for one command.
#   local.sh run ext4|xfs|btrfs|tmpfs|overlay -- COMMAND [ARGS...]
# COMMAND runs in a private mount namespace with the file system's directory in STORE (NODE1 and NODE2 are the same). The image is unlinked
# once it is mounted, so nothing stays however the command ends. Exit status: the command's. 125: this machine cannot have the file system;
# one line gives the reason. Mounting an image needs root; tmpfs and overlay need only user namespaces.
set -eu
export PATH=$PATH:/usr/sbin:/sbin
die() { echo "local.sh: $*" >&2; exit 125; }

quietly() { local said; said=$("$@" 2>&1) || die "$1 does not work here: $(tail -n 1 <<<"$said")"; }

mount_image() {       # TYPE FOLDER
  command -v "mkfs.$1" >/dev/null || die "mkfs.$1 is missing"
  truncate -s 400M "$2/image"
  quietly "mkfs.$1" -q "$2/image"
  quietly mount -o loop "$2/image" "$2/at"; rm "$2/image"
}

mount_fresh() {       # TYPE FOLDER
  quietly mount -t tmpfs -o size=1g tmpfs "$2"; mkdir "$2/at"      # the image is in memory as well, and is freed with the namespace
  case $1 in
  tmpfs) quietly mount -t tmpfs -o size=400m tmpfs "$2/at" ;;
  overlay) mkdir "$2"/{lower,upper,work}
    quietly mount -t overlay -o "lowerdir=$2/lower,upperdir=$2/upper,workdir=$2/work" overlay "$2/at" ;;
  *) mount_image "$1" "$2" ;;
  esac
}

if [ "${1-}" = inside ]; then
  type=$2 folder=$3; shift 4
  mount_fresh "$type" "$folder"
  NODE1=$folder/at NODE2=$folder/at STORE=$folder/at exec "$@"
fi

case "${1-} ${2-} ${3-}" in
"run ext4 --" | "run xfs --" | "run btrfs --" | "run tmpfs --" | "run overlay --") ;;
*) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
[ $# -gt 3 ] || die "no command"
namespace=(unshare --mount --propagation private); [ "$(id -u)" = 0 ] || namespace+=(--map-root-user)
"${namespace[@]}" true 2>/dev/null || die "no mount namespaces here: it needs root"
folder=$(mktemp -d); rc=0
trap 'rmdir "$folder"' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
"${namespace[@]}" "$0" inside "$2" "$folder" "${@:3}" || rc=$?
exit $rc
