# SPDX-License-Identifier: GPL-2.0-or-later
"""A fresh Debian 12 host to try instructions on: debootstrap's tree, booted with its own systemd, in namespaces.

Its network is the test's own and has no way out but a relay to the package mirror, so that its ports 25, 443 and 993
are this machine's business as little as its processes are.  Call enter_own_network() first: from then on the test's
main thread, and all that it starts, lives in that network.

POSTERN_FRESH_HOST names a directory that keeps the tree from run to run; otherwise it is made anew and removed.
POSTERN_TRANSCRIPT names a file for all commands and what they print.
"""
import ctypes
import io
import os
import pathlib
import queue
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import time

from .process import Process, children
from .run import SKIPPED, Skip, wait_for

MIRROR = "deb.debian.org"
PROXY = ("127.0.0.80", 3142)
TOP = pathlib.Path(__file__).resolve().parents[3]
CLONE_NEWNET = 0x40000000
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What makes a directory tree a machine; $1 is the tree.  Nothing is mounted outside of this mount namespace.
BOOT = """\
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for each in "null 3" "zero 5" "full 7" "random 8" "urandom 9"; do
  mknod -m 666 "dev/${each% *}" c 1 "${each#* }"
done
mknod -m 666 dev/tty c 5 0
hostname mx.example.com
mkdir -p .machine
pivot_root . .machine
exec chroot . /usr/bin/env -i container=postern PATH=/usr/sbin:/usr/bin:/sbin:/bin /bin/sh -c \\
  'umount -l /.machine && rmdir /.machine && exec /sbin/init --log-target=journal --show-status=no' </dev/null
"""


def wanted():
    """Ends the test program unless it was asked for, runs as root, and a host can be made here."""
    if not os.environ.get("POSTERN_FULL"):
        print("SKIP: only runs with POSTERN_FULL=1")
        sys.exit(SKIPPED)
    if os.environ.get("POSTERN_SKIP_SYSTEM") or os.geteuid() != 0:
        print("SKIP: a host of its own must be started by root")
        sys.exit(SKIPPED)
    if not (TOP / ".git").exists():
        print("SKIP: no git checkout to take the sources from")
        sys.exit(SKIPPED)
    for program in ("debootstrap", "unshare", "nsenter", "ip", "git"):
        if shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is None:
            print(f"SKIP: {program} is not installed")
            sys.exit(SKIPPED)
    try:
        socket.create_connection((MIRROR, 80), 20).close()
    except OSError as fault:
        print(f"SKIP: {MIRROR} is out of reach: {fault}")
        sys.exit(SKIPPED)


def pump(source, target):
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Relay(threading.Thread):
    """Hands connections on to the mirror.  Its threads stay in the network in which it was started."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listeners = queue.SimpleQueue()

    def run(self):
        listener = self.listeners.get()
        while True:
            inside, _ = listener.accept()
            try:
                outside = socket.create_connection((MIRROR, 80), 60)
                outside.settimeout(300)
            except OSError:
                inside.close()
                continue
            for pair in ((inside, outside), (outside, inside)):
                threading.Thread(target=pump, args=pair, daemon=True).start()


def enter_own_network(*addresses):
    """From now on the calling thread has a network of its own: loopback, these addresses, and the relay."""
    relay = Relay()
    relay.start()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise Skip("no network namespace can be had")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for each in addresses:
        subprocess.run(["ip", "address", "add", each, "dev", "lo"], check=True)
    relay.listeners.put(socket.create_server(PROXY, backlog=64))


def release_tree():
    """The sources that are committed, as a tar archive."""
    return subprocess.run(["git", "-C", str(TOP), "archive", "HEAD"], check=True, capture_output=True).stdout


class FreshHost(Process):
    """debootstrap must run before enter_own_network(), so make() does it; start() boots."""

    def __init__(self, bench):
        kept = os.environ.get("POSTERN_FRESH_HOST")
        self.root = pathlib.Path(kept) if kept else bench.path("host")
        self.transcript = pathlib.Path(os.environ.get("POSTERN_TRANSCRIPT") or bench.path("transcript"))
        self.group = self.own_group()
        super().__init__(["sh", "-c", f"echo $$ >'{self.group}/cgroup.procs' && exec unshare --mount --pid --ipc --uts "
                          "--cgroup --fork --kill-child sh -ec \"$0\" sh \"$1\"", BOOT, str(self.root)],
                         str(bench.path("host.out")))

    @staticmethod
    def own_group():
        for line in pathlib.Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
            fields = line.split()
            if fields[2] == "cgroup2":
                return pathlib.Path(fields[1]) / f"postern-host-{os.getpid()}"
        raise Skip("no cgroup2 is mounted")

    def make(self):
        """The tree of a Debian installer's base system, if it is not there yet."""
        if not (self.root / "etc/postern-fresh-host").exists():
            done = subprocess.run(["debootstrap", "--include=sudo,dbus,ca-certificates", "bookworm", str(self.root),
                                   f"http://{MIRROR}/debian"], capture_output=True, text=True, check=False, timeout=1800)
            if done.returncode != 0:
                raise Skip(f"debootstrap: {done.stdout[-300:]}{done.stderr[-300:]}")
            self.write("etc/apt/apt.conf.d/90proxy", 'Acquire::http::Proxy "http://{}:{}";\n'.format(*PROXY))
            self.write("etc/hosts", "127.0.0.1 localhost\n127.0.1.1 mx.example.com mx\n::1 localhost\n")
            self.write("etc/hostname", "mx.example.com\n")
            self.write("etc/resolv.conf", "")
            self.write("etc/postern-fresh-host", "")

    def write(self, path, text):
        (self.root / path).write_text(text, encoding="utf-8")

    def start(self):
        self.group.mkdir()
        super().start()
        wait_for(lambda: self.process.poll() is not None or self.init(), "the host's first process")
        state = wait_for(self.booted, f"systemd: {self.text()}", seconds=120)
        if state != "running":
            self.run("systemctl --no-pager --failed", check=False)

    def booted(self):
        state = self.inside("systemctl is-system-running 2>/dev/null").stdout.strip()
        return state if state in ("running", "degraded") else None

    def init(self):
        """The process ID of the host's systemd."""
        found = children(self.pid)
        return found[0] if found else None

    def stop(self):
        if self.process and self.process.poll() is None:
            self.inside("systemctl --no-block poweroff")
            try:
                self.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()  # and with it, by --kill-child, all of the host
        wait_for(lambda: not any(each.read_text() for each in self.group.rglob("cgroup.procs")), "the host's end")
        for each in sorted((each for each in self.group.rglob("*") if each.is_dir()), reverse=True):
            each.rmdir()
        if self.group.exists():
            self.group.rmdir()

    def at(self, path):
        """A path of the host, as this machine may open it; also what lies in the host's memory."""
        return pathlib.Path(f"/proc/{self.init()}/root") / path.lstrip("/")

    def inside(self, command, directory="/root", text="", seconds=120):
        """Runs a command as the host's root, as if at a terminal; gives the finished process, its output in one."""
        return subprocess.run(
            ["nsenter", "--target", str(self.init()), "--mount", "--pid", "--ipc", "--uts", "--cgroup", "--root",
             "--wdns=/", "/usr/bin/env", "-i", "PATH=" + PATH, "HOME=/root", "USER=root", "LANG=C.UTF-8", "TERM=dumb",
             "bash", "-c", f"cd {directory} && {command}"], input=text, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", check=False, timeout=seconds)

    def run(self, command, check=True, **how):
        """The same, noted in the transcript; gives the output, and raises where the command fails."""
        started = time.monotonic()
        done = self.inside(command, **how)
        with open(self.transcript, "a", encoding="utf-8") as note:
            note.write(f"# {command}\n{done.stdout}")
            note.write(f"[status {done.returncode}, {time.monotonic() - started:.1f} s]\n\n")
        if check and done.returncode != 0:
            raise AssertionError(f"{command}: status {done.returncode}: {done.stdout[-3000:]}")
        return done.stdout

    def unpack_sources(self, directory="/root/postern"):
        """The sources as a user would unpack them; in a tree that was kept, what has not changed stays untouched."""
        place = self.root / directory.lstrip("/")
        with tarfile.open(fileobj=io.BytesIO(release_tree())) as sources:
            for each in sources:
                there = place / each.name
                if each.isfile() and there.is_file() and there.read_bytes() == sources.extractfile(each).read():
                    continue
                sources.extract(each, place)
        return directory


def readme_blocks(heading):
    """The commands of a section of README.md: its indented blocks, each one a text."""
    text = (TOP / "README.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.M | re.S).group(1)
    blocks = re.findall(r"(?:^(?:    .*|)\n)+", section, re.M)
    return [re.sub(r"^    ", "", each, flags=re.M).strip("\n") for each in blocks if each.strip()]
