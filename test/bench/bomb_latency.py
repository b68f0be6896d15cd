#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How long plain mail waits while PDFs that are bombs are looked at: the time from the end of a message to the answer.

One connection sends plain text and one sends mail with a harmless file, a message each 20 ms, first alone and then
while POSTERN_BOMBS (100) connections send the generator's hostile PDFs, one message each at the same time, again and
again until the plain mail is through.  Figures are milliseconds; on a machine that is busy with other things they say
how the scheduler feels, which the line "alone" shows.
  POSTERN_MESSAGES (200): how many plain messages each line is made of.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))
from lib.milter import Closed, Milter  # noqa: E402
from lib.run import Bench, program  # noqa: E402
from lib.servers import Postern  # noqa: E402

BOMBS = int(os.environ.get("POSTERN_BOMBS", "100"))
MESSAGES = int(os.environ.get("POSTERN_MESSAGES", "200"))
PAUSE = 0.02
CHUNK = 65535


def testdata(*arguments):
    return subprocess.run([program("test/data/postern-testdata"), *map(str, arguments)], check=True,
                          stdout=subprocess.PIPE).stdout


def parts(mail):
    """(header fields, body) of a message with CRLF."""
    head, _, body = mail.partition(b"\r\n\r\n")
    fields = head.replace(b"\r\n ", b"\n ").replace(b"\r\n\t", b"\n\t").split(b"\r\n")
    return [tuple(field.split(b":", 1)) for field in fields], body


class Sender:
    def __init__(self, port):
        self.milter = Milter(port, timeout=120)
        self.milter.connect()
        self.milter.helo()

    def send(self, mail):
        """Seconds from the end of the message to the answer."""
        fields, body = mail
        self.milter.mail()
        self.milter.recipient()
        self.milter.data()
        for name, value in fields:
            self.milter.header(name.decode(), value.decode("utf-8", "surrogateescape").strip())
        answer = self.milter.end_of_headers()
        for start in range(0, len(body), CHUNK):
            if answer == b"s":
                break
            answer = self.milter.body(body[start:start + CHUNK])
        start = time.monotonic()
        self.milter.end()
        return time.monotonic() - start


def timed(port, mail):
    sender = Sender(port)
    times = []
    for _ in range(MESSAGES):
        times.append(sender.send(mail) * 1000)
        time.sleep(PAUSE)
    times.sort()
    return times


def line(what, times):
    def at(part):
        return times[min(len(times) - 1, int(part * len(times)))]
    print(f"{what:44} median {at(0.5):8.2f}  95 % {at(0.95):8.2f}  99 % {at(0.99):8.2f}  longest {times[-1]:8.2f}",
          flush=True)


class Attack:
    """So many senders of bombs at once, until it is left."""

    def __init__(self, port, bombs):
        self.over = threading.Event()
        self.sent = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(port, bombs, number)) for number in range(BOMBS)]

    def run(self, port, bombs, number):
        while not self.over.is_set():
            try:
                Sender(port).send(bombs[number % len(bombs)])
            except (Closed, OSError, AssertionError):
                continue
            with self.lock:
                self.sent += 1
            number += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


def main():
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as directory:
        bench = Bench(directory)
        folder = pathlib.Path(directory)
        testdata("--hostile", folder / "hostile")
        bombs = [parts(testdata("--wrap", pdf, "--crlf")) for pdf in sorted((folder / "hostile").iterdir())]
        plain = parts(testdata("--kind", "clean", "--crlf"))
        letter = parts(testdata("--kind", "newsletter", "--crlf"))
        with bench.stack:
            daemon = bench.add(Postern(bench))
            for what, mail in (("plain text", plain), ("multipart", letter)):
                line(f"{what}, alone", timed(daemon.port, mail))
            for what, mail in (("plain text", plain), ("multipart", letter)):
                with Attack(daemon.port, bombs) as attack:
                    time.sleep(1)
                    times = timed(daemon.port, mail)
                line(f"{what}, beside {BOMBS} bombs ({attack.sent} answered)", times)


if __name__ == "__main__":
    main()
