"""Defines the rows of the atlas: a file system with its mount options, and the script that sets it up here."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE.parent / "lab"
NO_PLACE = 125  # exit code of the scripts in tests/lab if they cannot set up their place
PATIENCE_SECONDS = 2400
# The command line for scripts that pass the nodes' directories by environment variables.
BY_ENVIRONMENT = ["sh", "-c", 'exec "$@" --nodes "$NODE1,$NODE2" --store "$STORE"', "sh"]


class NotHere(Exception):
    """The place cannot be set up on this machine; the message is the reason."""


@dataclass(frozen=True)
class Place:
    key: str
    file_system: str
    options: str
    nodes: str
    where: str  # which kernel: host or guest
    pace: str
    script: tuple  # the script of tests/lab that starts measure.py, with arguments; () for a lab of npyrace
    at: str  # npyrace's options as shown to the reader; N1, N2, STORE stand for the directories of the nodes and the store
    launcher: str = "process"  # launcher of npyrace; array: independent jobs
    lab: str = ""
    words: str = ""  # arguments of the probe
    own: tuple = ()  # npyrace's options for somebody's own system
    by: str = ""  # who measured there; "": the project

    def is_probed(self):
        """The probe needs the directories of two nodes and of the store on this machine."""
        two_nodes = value_of(self.own, "--dir").count(",") == 1 and value_of(self.own, "--judge")
        return not self.own or (self.launcher == "process" and bool(two_nodes))


def jobs(place):
    """The same place, written by independent jobs of an array job."""
    at = "STORE" if place.launcher == "ssh" else "N1 N2 STORE"  # runs on every node, or on the one node with all mounts
    return replace(place, key=f"{place.key}+jobs", launcher="array", at=at)


def local(fs_type):
    return Place(key=fs_type, file_system=fs_type, options="default", nodes="processes of one node", where="host",
                 pace="full", script=("local.sh", "run", fs_type, "--"), at="--dir STORE")


def lab(model):
    settle = "settle-2500" if model == "eventual" else ""  # the model publishes writes after a second
    nodes = "two names of one mount" if model == "strong" else "two mounts"
    return Place(key=f"lab-{model}", file_system=f"npyrace lab, {model}", options="default", nodes=nodes,
                 where="host", pace="lab", script=(), at=f"--lab {model}", lab=model, words=settle)


def clients(kind, key, file_system, options=""):
    """Two FUSE clients of one server here."""
    words = options.removeprefix("-o ").lstrip("-").replace("_", "-")
    return Place(key=f"{key}+{words}" if words else key, file_system=file_system, options=options or "default",
                 nodes="two clients", where="host", pace="lab", at="--dir N1,N2 --judge STORE",
                 script=("clients.sh", "run", kind, *(["--opts", options] if options else []), "--"))


def gluster(options=""):
    return clients("gluster", "glusterfs", "GlusterFS", options)


def sshfs(options=""):
    return clients("sshfs", "sshfs", "SSHFS", options)


def nfs(version, options=""):
    return Place(key=f"nfs-{version}" + (f"+{options}" if options else ""), file_system=f"NFS {version}",
                 options=options or "default", nodes="two kernel clients", where="guest", pace="guest",
                 at="--dir N1,N2 --judge STORE",
                 script=("nfs.sh", "run", "--nfs", version, *(["--opts", options] if options else [])))


OCFS2 = Place(key="ocfs2", file_system="OCFS2", options="default", nodes="two kernels", where="guest",
              pace="two-guests", script=("ocfs2.sh", "run"), at="--launcher ssh --hosts n1,n2 --dir STORE", launcher="ssh")

PLACES = [*map(local, ["ext4", "xfs", "btrfs", "tmpfs", "overlay"]),
          *map(lab, ["strong", "commit", "session", "eventual", "nfs", "pages"]),
          gluster(), gluster("--kernel-writeback-cache=yes"),
          sshfs(), sshfs("-o kernel_cache"), sshfs("-o direct_io"),
          nfs("3"), nfs("3", "noac"), nfs("4.2"), nfs("4.2", "noac"),
          OCFS2,
          *map(jobs, [nfs("3"), nfs("4.2"), OCFS2])]


def value_of(words, option):
    """The value of an option of npyrace, also after an equals sign; "" if it is not there."""
    for word, after in zip(words, [*words[1:], ""]):
        if word == option:
            return after
        if word.startswith(option + "="):
            return word.partition("=")[2]
    return ""


def launcher_of(words):
    return value_of(words, "--launcher") or "process"


def public_at(words):
    """Options of npyrace as a row shows them, without paths and names of hosts."""
    count = value_of(words, "--hosts").count(",") + 1
    dirs = value_of(words, "--dir").count(",") + 1
    public = {"--dir": ",".join(f"N{n}" for n in range(1, dirs + 1)) if dirs > 1 else "STORE", "--judge": "STORE",
              "--hosts": ",".join(f"n{n}" for n in range(1, count + 1)), "--rsh": "RSH"}
    shown = []
    for word, before in zip(words, ["", *words]):
        option, equals, _ = word.partition("=")
        if equals and option in public:
            shown.append(f"{option}={public[option]}")
        else:
            shown.append(public.get(before) or ("PATH" if "/" in word else word))
    return " ".join(shown)


OWN_LAUNCHERS = ("process", "ssh", "mpi")  # the others run no scenario semantics


def own_place(at, file_system, options, by):
    """A place that somebody has already. `at`: npyrace's options for it, in one word."""
    words = tuple(shlex.split(at))
    launcher = launcher_of(words)
    parts = [file_system, options if options != "default" else "", launcher if launcher != "process" else ""]
    key = re.sub("[^a-z0-9.+=]+", "-", f"{'+'.join(filter(None, parts))} by {by}".lower()).strip("-")
    return Place(key=key, file_system=file_system, options=options, nodes="", where="host", pace="full", script=(),
                 at=public_at(words), launcher=launcher, own=words, by=by)


def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no word of why"


def run_in_place(command, log):
    """Raises NotHere if the script cannot set up its place, AssertionError if the measurement failed."""
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_SECONDS,
                          env={**os.environ, "NPYRACE_LAB_TIMEOUT": str(PATIENCE_SECONDS - 60)})
    with open(log, "a") as file:
        file.write(done.stdout)
    if done.returncode == NO_PLACE:
        raise NotHere(last_line(done.stdout))
    if done.returncode != 0:
        raise AssertionError(f"exit code {done.returncode}: {last_line(done.stdout)}; see {log}")


def measure(place, npyrace, probe, out, pace):
    """Measures the place; results go to the folder `out`."""
    call = [sys.executable, "-B", HERE / "measure.py", "--npyrace", npyrace, "--probe", probe, "--out", out,
            "--pace", pace or place.pace, "--words", place.words]
    log = out / "log.txt"
    here = "jobs" if place.launcher == "array" else "races"
    if place.own:
        measure_own(place, call, log)
    elif place.lab:
        measure_lab(place, npyrace, call, log)
    elif place.script[0] == "nfs.sh":
        run_in_place([SCRIPTS / "nfs.sh", *place.script[1:], "--share", out, "--", *call, here, "probe",
                      "--nodes", "/mnt/n1,/mnt/n2", "--store", "/mnt/store"], log)
    elif place.script[0] == "ocfs2.sh":
        measure_kernels(place, [*call, "--nodes", "/mnt/shared,/mnt/shared", "--store", "/mnt/shared"], out, log)
    else:
        run_in_place([SCRIPTS / place.script[0], *place.script[1:], *BY_ENVIRONMENT, *call, here, "probe"], log)


def measure_own(place, call, log):
    run_in_place([*call, "races", "--at", shlex.join(place.own)], log)
    if place.is_probed():
        nodes, store = value_of(place.own, "--dir"), value_of(place.own, "--judge")
        run_in_place([*call, "probe", "--nodes", nodes, "--store", store], log)


def measure_kernels(place, call, out, log):
    """Both kernels run the probe and the jobs together. Races are started by the first."""
    together = ["probe", *(["jobs"] if place.launcher == "array" else [])]
    steps = [f"{shlex.join(map(str, [*call, *together]))} --alone $NODE"]
    if place.launcher == "ssh":
        steps.append(shlex.join(map(str, [SCRIPTS / "ssh_on_nodes.sh", "/mnt/shared", *call, "races", "--hosts", "n1,n2"])))
    run_in_place([SCRIPTS / "ocfs2.sh", *place.script[1:], "--share", out, "--", "sh", "-c", " && ".join(steps)], log)


def measure_lab(place, npyrace, call, log):
    """npyrace starts its own lab, because it sends requests that only such a lab answers. The probe gets a second lab."""
    why = why_no_lab(npyrace)
    if why:
        raise NotHere(why)
    run_in_place([*call, "races", "--lab", place.lab], log)
    run_in_place([npyrace, "lab", "--model", place.lab, "--", *call, "probe", "--nodes", "{n1},{n2}", "--store",
                  "{store}"], log)


def why_no_lab(npyrace):
    done = subprocess.run([npyrace, "lab", "--", "true"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return last_line(done.stderr) if done.returncode != 0 else ""
