#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""postern doctor on what goes wrong outside of the MTA: a Redis that is a replica, too old or of another time; a state
directory that is full, another's, or not there."""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading
from types import SimpleNamespace

from lib.disk import SmallDisk
from lib.doctor import doctor, finds, pretend
from lib.process import free_port
from lib.run import equal, main, need, program, true, wait_for
from lib.servers import Postern, Redis, Server

need("redis-server")
TIME = re.compile(rb"(\*2\r\n\$10\r\n)(\d{10})(\r\n\$\d\r\n)")  # the answer to TIME in RESP2


class Liar(Server):
    """Hands every byte to a real Redis and back; says that it is of another version, or that it is another time."""

    def __init__(self, redis):
        self.port = free_port()
        self.redis = redis
        self.version = None
        self.ahead = 0
        super().__init__(("127.0.0.1", self.port))

    def handle(self, reader, writer):
        with socket.create_connection(("127.0.0.1", self.redis.port)) as server:
            back = threading.Thread(target=self.pump_back, args=(server, writer), daemon=True)
            back.start()
            while piece := reader.read1(65536):
                server.sendall(piece)
            server.shutdown(socket.SHUT_RDWR)
            back.join()

    def pump_back(self, server, writer):
        try:
            while piece := server.recv(65536):
                writer.write(self.altered(piece))
                writer.flush()
        except OSError:
            pass

    def altered(self, piece):
        if self.version:  # as many digits as before, so that lengths stay right
            piece = re.sub(rb"redis_version:\d", b"redis_version:" + self.version, piece)
        return TIME.sub(lambda m: m[1] + b"%d" % (int(m[2]) + self.ahead) + m[3], piece)


def redis_world(bench):
    it = SimpleNamespace(bench=bench, ours="inet:127.0.0.1:8891")
    it.redis = bench.add(Redis(bench))
    it.redis.cli("CONFIG", "SET", "appendonly", "yes")
    it.liar = bench.add(Liar(it.redis))
    it.milter = Postern(bench, redis=f"redis://127.0.0.1:{it.liar.port}/0", inspect_workers=1)
    it.ours = it.milter.address
    bench.add(it.milter)
    return it


def replica(it):
    """a server that was made a replica cannot be written to, and Sentinel is what follows the master"""
    master = it.bench.add(Redis(it.bench, "master"))
    it.redis.cli("REPLICAOF", "127.0.0.1", str(master.port))
    wait_for(lambda: "master_link_status:up" in it.redis.cli("INFO", "replication"), "replication")
    finds(it, "fault", "is a replica: nothing can be written there", 'redis = "sentinel://', pretend(it))
    it.redis.cli("REPLICAOF", "NO", "ONE")
    equal(doctor(it, pretend(it))[0], 0, "exit status once it is the master again")


def old_redis(it):
    """a server from before 6.0 tells nobody of changes"""
    it.liar.version = b"5"
    finds(it, "fault", "changes are told since 6.0", "apt-get install redis-server", pretend(it))
    it.liar.version = b"6"
    equal(doctor(it, pretend(it))[0], 0, "exit status with 6")
    it.liar.version = None


def clocks_apart(it):
    """from a few seconds on a warning, from a minute on a fault, in both directions"""
    for ahead, level, words in ((-20, "warning", "ahead of Redis'"), (20, "warning", "behind Redis'"),
                                (-500, "fault", "ahead of Redis'"), (500, "fault", "behind Redis'")):
        it.liar.ahead = ahead
        found = finds(it, level, words, "timedatectl set-ntp true", pretend(it))
        seconds = int(re.search(r"clock is (\d+) s", found["text"])[1])
        true(abs(seconds - abs(ahead)) <= 2, found["text"])
    it.liar.ahead = 0
    finds_good(it, "clock", "agree on the time")


def finds_good(it, topic, words):
    status, findings = doctor(it, pretend(it))
    equal(status, 0, "exit status")
    true(any(each["topic"] == topic and each["level"] == "good" and words in each["text"] for each in findings), findings)


def state_world(bench):
    """the daemon of an ordinary user, on a unix socket, which tells who that is"""
    disk = bench.add(SmallDisk(bench, 4))
    it = SimpleNamespace(bench=bench, disk=disk.path, state=disk.path / "state")
    place = bench.path("bin")
    place.mkdir()
    for each in ("postern-milter", "postern-inspect"):
        shutil.copy2(program(each), place)
    run = bench.path("run")
    for each in (it.state, run):
        each.mkdir(mode=0o750)
        os.chown(each, 65534, 65534)
    it.milter = Postern(bench, listen=f"unix:{run}/milter.sock", inspect_workers=1, state_directory=str(it.state))
    it.ours = it.milter.listen
    it.milter.arguments[0] = str(place / "postern-milter")
    it.milter.arguments = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *it.milter.arguments]
    bench.add(it.milter)
    os.chmod(it.milter.listen.removeprefix("unix:"), 0o777)  # whom the MTA runs as is another test's matter
    os.chmod(run, 0o755)
    return it


def state_is_fine(it):
    """the user at the other end of the socket owns its directory, and there is room"""
    finds_good(it, "state", f"nobody can write into {it.state}")


def state_of_another(it):
    """a directory that belongs to root now, and the lines that give it back"""
    os.chown(it.state, 0, 0)
    found = finds(it, "fault", f"user nobody cannot write into {it.state}", f"chown nobody {it.state}", pretend(it))
    for line in found["mend"]:
        subprocess.run(line, shell=True, check=True, timeout=30)
    finds_good(it, "state", "nobody can write")


def full_disk(it):
    """a file system without room"""
    filler = pathlib.Path(it.disk, "filler")
    with open(filler, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    finds(it, "fault", f"the disk of {it.state} is full", f"df -h {it.state}", pretend(it))
    filler.unlink()
    finds_good(it, "state", "nobody can write")


def read_only_disk(it):
    """a file system that the kernel took for broken is mounted read-only, and the line that mounts it again"""
    subprocess.run(["mount", "-o", "remount,ro", it.disk], check=True, timeout=30)
    found = finds(it, "fault", "is mounted read-only", "remount,rw", pretend(it))
    subprocess.run(found["mend"][0], shell=True, check=True, timeout=30)
    finds_good(it, "state", "nobody can write")


def no_state_directory(it):
    """a directory that is not there, and the line that makes it"""
    config = it.bench.path("nowhere.toml")
    config.write_text(it.milter.config.read_text().replace(str(it.state), f"{it.disk}/nowhere"))
    found = finds(it, "fault", f"state-directory {it.disk}/nowhere: No such file", "install -d -o nobody", pretend(it),
                  config=config)
    subprocess.run(found["mend"][0].replace("-g nobody", "-g nogroup"), shell=True, check=True, timeout=30)
    equal(doctor(it, pretend(it), config=config)[0], 0, "exit status")


if __name__ == "__main__":
    main([(redis_world, [replica, old_redis, clocks_apart]),
          (state_world, [state_is_fine, state_of_another, full_disk, read_only_disk, no_state_directory])])
