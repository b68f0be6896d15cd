#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What fails, fails without losing mail: killed workers, a killed daemon, restarts, bad starts."""
import grp
import os
import pathlib
import re
import signal
import subprocess
import time
from types import SimpleNamespace

from lib.mail import Client, Refused, generated, plain, send
from lib.milter import Milter
from lib.postfix import Postfix
from lib.process import alive, children, listens
from lib.run import equal, main, need, program, true, wait_for
from lib.servers import Postern, Sink

need("postfix")

ALICE = "alice@example.com"


def world(bench, listen=None):
    it = SimpleNamespace(mailbox=bench.add(Sink()), bench=bench)
    it.milter = bench.add(Postern(bench, inspect_workers=1, listen=listen))
    it.mx = bench.add(Postfix(bench, "mx", {"example.com": it.mailbox.port}, milter=it.milter.address))
    return it


def workers(it):
    found = []
    for pid in children(it.milter.pid):
        with open(f"/proc/{pid}/cmdline", "rb") as command:
            if b"postern-inspect" in command.read():
                found.append(pid)
    return found


def state(pid):
    """The letter for a process in proc(5): T stands still, Z has ended."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def kill_at_once(daemon, pids):
    """Before the daemon can give the message of one to another of them, on a busy machine too."""
    os.kill(daemon, signal.SIGSTOP)
    try:
        wait_for(lambda: state(daemon) == "T", "the daemon to stand still")
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: all(state(pid) == "Z" for pid in pids), "the workers' end")
    finally:
        os.kill(daemon, signal.SIGCONT)


def worker_killed(it):
    """a worker killed in the middle of a message: that message still gets its verdict"""
    old = wait_for(lambda: workers(it), "a worker")
    for pid in old:
        os.kill(pid, signal.SIGSTOP)  # so that it is surely busy when it is killed
    with Client(it.mx, claim="203.0.113.9") as client:
        client.mail("bulk@example.org")
        client.recipient(ALICE)
        client.begin_data()
        client.raw(generated("spam-2007", 5) + b"\r\n.\r\n")
        time.sleep(0.5)
        kill_at_once(it.milter.pid, old)
        client.expect("END", 250, *client.smtp.getreply())
    it.milter.verdict("client=[203.0.113.9]", "PDF_PICTURES_ONLY")
    wait_for(lambda: workers(it) and not set(workers(it)) & set(old), "a new worker")


def worker_hangs(it):
    """a worker that hangs is replaced: its message waits no longer than the limit, the next is judged as ever"""
    hung = wait_for(lambda: workers(it), "a worker")
    for pid in hung:
        os.kill(pid, signal.SIGSTOP)
    started = time.monotonic()
    send(it.mx, "bulk@example.org", [ALICE], generated("spam-2007", 6), claim="203.0.113.10")
    true(time.monotonic() - started < 15, "it took too long")
    it.milter.verdict("client=[203.0.113.10]")
    it.milter.wait_line("took too long")
    wait_for(lambda: set(workers(it)) - set(hung), "a new worker")
    for pid in set(workers(it)) & set(hung):
        os.kill(pid, signal.SIGCONT)  # those that had nothing to do
    send(it.mx, "bulk@example.org", [ALICE], generated("spam-2007", 5), claim="203.0.113.11")
    it.milter.verdict("client=[203.0.113.11]", "PDF_PICTURES_ONLY")


def daemon_killed(it):
    """the daemon killed in the middle of a message: Postfix answers 451 and nothing is lost"""
    data = plain("survivor")
    with Client(it.mx, claim="203.0.113.9") as client:
        client.mail("anna@example.org")
        client.recipient(ALICE)
        client.begin_data()
        client.raw(data)
        it.milter.kill()
        try:
            client.end_data()
            raise AssertionError("accepted without a daemon")
        except Refused as refused:
            equal(refused.code, 451, "answer")
    equal(it.mailbox.has(ALICE), [each for each in it.mailbox.has(ALICE) if "survivor" not in each.head], "delivered")
    it.milter.start()
    send(it.mx, "anna@example.org", [ALICE], data, claim="203.0.113.9")
    wait_for(lambda: [each for each in it.mailbox.has(ALICE) if "survivor" in each.head], "the second try")
    equal(len([each for each in it.mailbox.has(ALICE) if "survivor" in each.head]), 1, "copies")
    wait_for(lambda: len(workers(it)) == 2, "the worker asked for and the spare one")


def workers_die_with_the_daemon(it):
    """no worker outlives a killed daemon"""
    old = wait_for(lambda: workers(it), "a worker")
    it.milter.kill()
    wait_for(lambda: not any(alive(pid) for pid in old), "the end of the workers", 5)
    it.milter.start()


def successor(it):
    """SIGTERM frees the address at once, a message in hand is finished, and the status is 0"""
    with Client(it.mx, claim="203.0.113.9") as client:
        client.mail("anna@example.org")
        client.recipient(ALICE)
        client.begin_data()
        client.raw(plain("in hand"))
        it.milter.signal(signal.SIGTERM)
        wait_for(lambda: not listens(it.milter.port), "the free port", 2)
        started = time.monotonic()
        heir = it.bench.add(Postern(it.bench, name="heir", listen=it.milter.listen, inspect_workers=1))
        true(time.monotonic() - started < 10, "the successor took too long")
        true(alive(it.milter.pid), "the old daemon did not wait for the message in hand")
        client.end_data()
    equal(it.milter.wait(), 0, "exit status")
    it.milter.wait_line("stopped:", "messages-cut=0")
    wait_for(lambda: [each for each in it.mailbox.has(ALICE) if "in hand" in each.head], "the message in hand")
    true(not it.milter.lines("accept()"), "libmilter complained")
    send(it.mx, "anna@example.org", [ALICE], plain("by the successor"), claim="203.0.113.9")
    heir.verdict("client=[203.0.113.9]")
    heir.stop()
    equal(heir.process.returncode, 0, "exit status of the successor")
    it.milter.start()


def upgrade(it):
    """SIGUSR2: the new process serves at once, the old one finishes its session, however long that takes"""
    with Client(it.mx, claim="203.0.113.9") as client:
        client.mail("anna@example.org")
        client.recipient(ALICE)
        client.begin_data()
        client.raw(plain("begun before the upgrade"))
        it.milter.signal(signal.SIGUSR2)
        line = it.milter.wait_line("handed-over:")[-1]
        heir = int(re.search(r"successor=(\d+)", line).group(1))
        true("socket=inherited" in it.milter.lines("started:")[-1], "a socket of its own")
        send(it.mx, "anna@example.org", [ALICE], plain("after the upgrade"), claim="203.0.113.17")
        it.milter.verdict("client=[203.0.113.17]")
        true(alive(it.milter.pid), "the old process did not wait for its session")
        client.end_data()
        client.send("anna@example.org", [ALICE], plain("the next of an old session"))
    equal(it.milter.wait(), 0, "exit status")
    it.milter.wait_line("stopped:", "connections-cut=0", "messages-cut=0")
    for words in ("begun before", "after the upgrade", "the next of an old"):
        it.mailbox.marked(ALICE, words)
    os.kill(heir, signal.SIGTERM)
    wait_for(lambda: not alive(heir), "the end of the successor")
    it.milter.start()


def failed_upgrade(it):
    """a successor that cannot start: the log says why, and the running process goes on"""
    it.milter.write_settings(mode="nonsense")
    it.milter.signal(signal.SIGUSR2)
    it.milter.wait_line("upgrade: this process goes on:", "ended with status 1")
    it.milter.wait_line("expected enforce or monitor")
    it.milter.write_settings(mode="enforce")
    send(it.mx, "anna@example.org", [ALICE], plain("no upgrade took place"), claim="203.0.113.18")
    it.milter.verdict("client=[203.0.113.18]")


def quick_stop(it):
    """without mail in hand SIGTERM ends the daemon within two seconds, idle connections or not"""
    idle = Milter(it.milter.port)
    idle.connect()
    started = time.monotonic()
    it.milter.signal(signal.SIGTERM)
    equal(it.milter.wait(), 0, "exit status")
    true(time.monotonic() - started < 4, f"it took {time.monotonic() - started:.1f} s")
    idle.close()
    it.milter.start()


def reloads_do_not_end_it(it):
    """a hundred SIGHUPs in a row end nothing"""
    for _ in range(100):
        it.milter.signal(signal.SIGHUP)
        time.sleep(0.002)
    it.milter.wait_line("reloaded:")
    send(it.mx, "anna@example.org", [ALICE], plain("after many reloads"), claim="203.0.113.9")
    true(alive(it.milter.pid), "the daemon ended")


def start_error(it, *arguments, config=None):
    """Starts what cannot start; gives what it says."""
    done = subprocess.run([program("postern-milter"), "-c", str(config or it.milter.config), *arguments],
                          capture_output=True, text=True, timeout=30)
    true(done.returncode not in (0, -6, -11), f"status {done.returncode}: {done.stderr}")
    return done.stderr


def bad_starts(it):
    """a start that cannot work says why, with the place"""
    broken = it.bench.path("broken.toml")
    broken.write_text("listen = \"inet:0@127.0.0.1\"\nlog = \"stderr\"\n")
    true("broken.toml:1" in start_error(it, "-f", config=broken), "no file and line")
    true("in use" in start_error(it, "-f"), "the address in use")
    true("not a socket" in start_error(it, "-f", "--listen", f"unix:{broken}"), "a file in the way")
    true("No such file" in start_error(it, "-f", "--listen", "unix:/nonexistent/place/socket"), "no directory")
    true(broken.exists(), "the file in the way was removed")
    true("usage:" in start_error(it, "--nonsense"), "usage")
    true("needs -f" in start_error(it), "stderr without -f")


def checks_settings(it):
    """-t says whether the settings are good, --version prints one line"""
    done = subprocess.run([program("postern-milter"), "-c", str(it.milter.config), "-f", "-t"], capture_output=True,
                          text=True, timeout=30)
    equal((done.returncode, done.stdout), (0, f"{it.milter.config}: good\n"), "answer to -t")
    done = subprocess.run([program("postern-milter"), "--version"], capture_output=True, text=True, timeout=30)
    true(done.returncode == 0 and done.stdout.startswith("postern-milter "), "answer to --version")


def in_the_background(it):
    """without -f the command returns when the daemon is ready; SIGTERM ends it and removes the PID file"""
    config = it.bench.path("background.toml")
    pid_file = it.bench.path("background.pid")
    sock = it.bench.path("background.sock")
    text = it.milter.config.read_text().replace("stderr", "syslog").replace(it.milter.listen, f"unix:{sock}")
    config.write_text(text)
    command = [program("postern-milter"), "-c", str(config), "-p", str(pid_file)]
    subprocess.run(command, check=True, timeout=30, stdout=subprocess.DEVNULL)
    pid = int(pid_file.read_text())
    true(sock.is_socket() and alive(pid), "not ready")
    equal(oct(sock.stat().st_mode & 0o777), "0o770", "mode of the socket")
    again = subprocess.run(command, capture_output=True, text=True, timeout=30)
    true(again.returncode == 1 and "another process listens there" in again.stderr, f"a second start: {again.stderr}")
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not alive(pid), "its end")
    true(sock.exists(), "a killed daemon leaves its socket")
    subprocess.run(command, check=True, timeout=30, stdout=subprocess.DEVNULL)
    pid = int(pid_file.read_text())
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: not alive(pid), "its end")
    true(not sock.exists() and not pid_file.exists(), "socket or PID file left behind")


def unix_world(bench):
    place = bench.path("run")
    place.mkdir()
    os.chown(place, 0, grp.getgrnam("postfix").gr_gid)
    place.chmod(0o2750)  # the socket gets Postfix's group from its directory
    return world(bench, listen=f"unix:{place}/milter.sock")


def over_a_unix_socket(it):
    """Postfix reaches the daemon over a unix socket through its group"""
    send(it.mx, "anna@example.org", [ALICE], plain("over a unix socket"), claim="203.0.113.9")
    it.mailbox.to(ALICE)
    it.milter.verdict("client=[203.0.113.9]", "verdict=clean")


if __name__ == "__main__":
    main([
        (world, [worker_killed, worker_hangs, daemon_killed, workers_die_with_the_daemon, successor, upgrade, failed_upgrade,
                 quick_stop, reloads_do_not_end_it, bad_starts, checks_settings, in_the_background]),
        (unix_world, [over_a_unix_socket]),
    ])
