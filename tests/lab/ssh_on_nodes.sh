#!/bin/sh
# An sshd on every node of a cluster, and a command on the first that reaches all of them.
#   ocfs2.sh run [--share DIR] -- ssh_on_nodes.sh SHARED COMMAND [ARGS...]
# Runs on all nodes at once, as root, with NODE=1, 2 … and NODES set, host names n1, n2 …; SHARED is a directory of all of them, where
# keys are made. Node 1 runs COMMAND when it can log in everywhere, with `ssh -F FILE` as the remote shell in RSH; the others only
# have their sshd, and end with the place. Writes nothing but SHARED/ssh, /run/sshd and /tmp/ssh-on-nodes of its node: not for a
# machine of your own. Exit code: COMMAND's; 9: no sshd, or a node that cannot be reached.
shared=$1/ssh; shift
own=/tmp/ssh-on-nodes
mkdir -p "$own" /run/sshd || exit 9

die() { echo "ssh_on_nodes.sh: $*" >&2; exit 9; }

wait_for() { # COMMAND …: until it succeeds, two minutes at most
  tries=0
  until "$@" >"$own/tried" 2>&1; do
    tries=$((tries + 1)); [ $tries -lt 600 ] || die "$* does not come: $(tail -n 1 "$own/tried")"
    sleep 0.2
  done
}

if [ "$NODE" = 1 ]; then
  mkdir "$shared" && ssh-keygen -q -t ed25519 -N '' -f "$shared/host" && ssh-keygen -q -t ed25519 -N '' -f "$shared/user" || die "no keys"
  : >"$shared/made"
fi
wait_for test -e "$shared/made"

# Each node has keys where other nodes' locks and leaving do not reach.
cp "$shared/host" "$shared/user" "$shared/user.pub" "$own/" && chmod 600 "$own/host" "$own/user" || exit 9
cat >"$own/sshd_config" <<END
HostKey $own/host
AuthorizedKeysFile $own/user.pub
PidFile none
StrictModes no
UsePAM no
SetEnv SHLVL=2
UseDNS no
PasswordAuthentication no
PermitRootLogin yes
MaxStartups 200
LoginGraceTime 0
END
cat >"$own/ssh_config" <<END
Host *
  User root
  IdentityFile $own/user
  IdentitiesOnly yes
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  BatchMode yes
  LogLevel ERROR
END
/usr/sbin/sshd -f "$own/sshd_config" -E "$own/log" || die "no sshd: $(tail -n 1 "$own/log")"
[ "$NODE" = 1 ] || exit 0

RSH="ssh -F $own/ssh_config"
export RSH
node=1
while [ "$node" -le "$NODES" ]; do wait_for $RSH "n$node" true; node=$((node + 1)); done
"$@"
