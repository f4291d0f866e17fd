"""Starts an sshd for a test on a loopback port, so that several names of this machine act as hosts for ssh."""

import getpass
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from program import TEST_SKIPPED, main

SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Sshd:
    """Listens on loopback as hosts n1 and n2; n3 is a host whose port is closed."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="npyrace-sshd-"))
        self.made_run = os.geteuid() == 0 and not os.path.isdir("/run/sshd")
        if self.made_run:
            os.mkdir("/run/sshd", 0o755)
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / key], check=True)
        self.port, closed = free_ports(2)
        (self.folder / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host\n"
            f"AuthorizedKeysFile {self.folder}/user.pub\nPidFile none\nStrictModes no\nUsePAM no\n"
            f"SetEnv SHLVL=2\n"  # so that bash does not source the user's startup files
            f"PasswordAuthentication no\nPermitRootLogin yes\nMaxStartups 200\nLoginGraceTime 0\n")
        (self.folder / "ssh_config").write_text(
            f"Host n1 n2\n  Port {self.port}\nHost n3\n  Port {closed}\n"
            f"Host *\n  HostName 127.0.0.1\n  User {getpass.getuser()}\n  IdentityFile {self.folder}/user\n"
            f"  IdentitiesOnly yes\n  UserKnownHostsFile {self.folder}/known\n  StrictHostKeyChecking no\n"
            f"  BatchMode yes\n  LogLevel ERROR\n")
        self.rsh = f"ssh -F {self.folder}/ssh_config"
        self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", self.folder / "sshd_config"],
                                        stderr=open(self.folder / "log", "w"))

    def why_not(self):
        """The reason why a login fails; empty if it works."""
        for _ in range(50):
            tried = subprocess.run([*self.rsh.split(), "n1", "true"], stdin=subprocess.DEVNULL, capture_output=True,
                                   text=True)
            if tried.returncode == 0 or self.process.poll() is not None:
                break
            time.sleep(0.1)
        log = self.log()
        return "" if tried.returncode == 0 else f"{tried.stderr.strip()}; sshd: {log[-1] if log else 'silent'}"

    def log(self):
        return (self.folder / "log").read_text().strip().splitlines()

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.made_run:
            os.rmdir("/run/sshd")


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def main_behind_sshd(test_class):
    """Runs the tests of a script with `test_class.sshd` an Sshd, or skips them all."""
    if SSHD is None or shutil.which("ssh") is None:
        print("skipped: no sshd and ssh here (Debian: openssh-server openssh-client)")
        sys.exit(TEST_SKIPPED)
    test_class.sshd = Sshd()
    try:
        if trouble := test_class.sshd.why_not():
            print(f"skipped: nobody can log in by a private sshd: {trouble}")
            sys.exit(TEST_SKIPPED)
        main()
    except SystemExit as ending:
        if ending.code not in (0, False, TEST_SKIPPED):  # show the sshd's log as well
            print(*test_class.sshd.log()[-20:], sep="\n", file=sys.stderr)
        raise
    finally:
        test_class.sshd.close()
