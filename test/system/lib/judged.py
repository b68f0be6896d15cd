# SPDX-License-Identifier: GPL-2.0-or-later
"""Daemons that judge mail all the time: messages sent over the milter protocol, and what the log says of each."""
import random
import re
import threading
import time

from .milter import Closed, Milter
from .state import first_address

FIELD = re.compile(r"[,:] ([a-z-]+)=([^,() ]*)")
RULES = re.compile(r", rules=(\S+), ")
RECIPIENT = re.compile(r"to=<([^>]*)> action=([a-z]+) policy=(\S+?)(?:,| |$)")


class Sent:
    """One message: what it was, and when: before MAIL, and after MAIL and the end were answered."""

    def __init__(self, group, subject, recipients):
        self.group = group
        self.subject = subject
        self.recipients = recipients
        self.started = self.taken = self.ended = None


class Judged:
    """What the log says of a message."""

    def __init__(self, line):
        fields = dict(FIELD.findall(line))
        self.line = line
        self.client = fields.get("client", "").strip("[]")
        self.verdict = fields.get("verdict")
        self.rules = sorted(each for found in RULES.findall(line) for each in found.split(",") if each != "-")
        self.score = float(fields.get("score", 0))
        self.mark = (int(fields["generation"]), fields["digest"])
        self.stale = fields.get("stale")
        self.decisions = RECIPIENT.findall(line)


class Node:
    """A daemon and a thread that has it judge one message after the other."""

    def __init__(self, postern, number, direct):
        self.postern = postern
        self.number = number
        self.direct = direct      # follows one address, not Sentinel
        self.busy = False         # something is being done to it
        self.sent = {}            # client address -> Sent
        self.starts = []          # when this daemon was started again
        self.read = 0             # bytes of the log that were looked at
        self.count = 0
        self.thread = None
        self.going = False
        self.connection = None

    @property
    def name(self):
        return self.postern.settings["node"]

    def begin(self, seed, users):
        self.sent = {}
        self.starts = []
        self.read = len(self.postern.text())
        self.going = True
        self.thread = threading.Thread(target=self.judge_all, args=(random.Random(seed), users), daemon=True)
        self.thread.start()

    def end(self):
        self.going = False
        self.thread.join()

    def judge_all(self, choice, users):
        while self.going:
            self.judge(choice, users)
            time.sleep(choice.random() * 0.06)

    def judge(self, choice, users):
        """Sends one message; gives its client address."""
        self.count += 1
        words = [f"word{each}" for each in range(4) if choice.random() < 0.5]
        sent = Sent(choice.randrange(4), " ".join(["base", *words]), choice.sample(users, choice.choice((1, 1, 2, 3))))
        client = f"{first_address(sent.group)}{self.number + 1:x}:{self.count:x}"
        self.sent[client] = sent
        try:
            self.deliver(client, sent)
        except (Closed, OSError):
            if self.connection:
                self.connection.close()
            self.connection = None
            time.sleep(0.02)
        return client

    def deliver(self, client, sent):
        self.connection = milter = Milter(self.postern.port)
        milter.connect(client, 4321)
        sent.started = time.monotonic()
        answer = milter.mail()
        if answer is not None:
            sent.taken = time.monotonic()
        if answer in (b"c", None):  # no answer: nothing is refused at MAIL
            for each in sent.recipients:
                milter.recipient(each)
            milter.data()
            milter.header("From", "anna@example.org")
            milter.header("Subject", sent.subject)
            milter.end_of_headers()
            milter.body(b"Hello\r\n")
            milter.end()
        sent.ended = time.monotonic()
        milter.quit()

    def restart(self, number):
        """Ends the daemon by a signal and starts it again."""
        self.postern.signal(number)
        self.postern.wait(60)
        self.starts.append(time.monotonic())
        self.postern.start()

    def judged(self):
        """What the log has said since begin(), in its order."""
        with open(self.postern.log, "rb") as log:
            log.seek(self.read)
            text = log.read().decode("utf-8", "replace")
        return [Judged(line) for line in text.splitlines() if "verdict=" in line and "digest=" in line]
