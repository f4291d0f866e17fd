#!/bin/sh
# Starts an sshd on every node of a cluster, and runs a command on the first node that can log in to all of them.
#   ocfs2.sh run [--share DIR] -- ssh_on_nodes.sh SHARED COMMAND [ARGS...]
# Runs on all nodes at once, as root, with NODE=1, 2 … and NODES set, host names n1, n2 …; SHARED is a directory that all nodes see;
# keys are made there. Once node 1 can log in to every node, it runs COMMAND with `ssh -F FILE` as the remote shell in RSH. The others
# run only sshd until the cluster ends. Writes only to SHARED/ssh, and to /run/sshd and /tmp/ssh-on-nodes of each node, so do not use it
# on your own machine. Exit code: COMMAND's; 9: no sshd, or a node cannot be reached.
shared=$1/ssh; shift
own=/tmp/ssh-on-nodes
mkdir -p "$own" /run/sshd || exit 9

die() { echo "ssh_on_nodes.sh: $*" >&2; exit 9; }

wait_for() { # COMMAND …: until it succeeds, at most two minutes
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

# Each node copies the keys to a local folder, so that file locks or the end of another node do not block logins.
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
