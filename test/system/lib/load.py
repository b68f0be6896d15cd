# SPDX-License-Identifier: GPL-2.0-or-later
"""Many messages over many connections, each sent until it is accepted, and the count of what arrived."""
import hashlib
import random
import smtplib
import threading
import time
from collections import Counter, defaultdict

from .mail import Client, Refused, generated
from .servers import Sink

LOCAL = ["alice@example.com", "bob@example.com", "carol@example.com"]
FAR = ["dora@example.net", "emil@example.net"]
QUARANTINE = "+quarantine"


def body_of(message):
    return message.partition(b"\r\n\r\n")[2]


class Letter:
    """One message: who to, whether a user of ours sends it, and its bytes."""

    def __init__(self, number, patterns, chance):
        self.name = f"load-{number}"
        self.outbound = chance.random() < 0.4
        self.sender = "alice@example.com" if self.outbound else "anna@example.org"
        self.recipients = chance.sample(FAR if self.outbound else LOCAL, chance.randint(1, 2))
        if chance.random() < 0.15:
            self.data = b"X-Load: " + self.name.encode() + b"\r\n" + chance.choice(patterns)
        else:
            lines = "".join(f"{chance.getrandbits(200):x}\r\n" for _ in range(chance.choice((1, 20, 20, 300))))
            self.data = (f"X-Load: {self.name}\r\nFrom: <{self.sender}>\r\nTo: {self.recipients[0]}\r\n"
                         f"Subject: {self.name}\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n"
                         f"Message-ID: <{self.name}.{chance.getrandbits(40):x}@example.org>\r\n\r\n"
                         f".. {self.name}\r\n.\x20\r\n\r\n{lines}").encode()
        self.body = hashlib.sha256(body_of(self.data)).digest()


class CountingSink(Sink):
    """Keeps of each message how often it came for whom, the hash of its body, and how many stamps it had."""

    def __init__(self):
        self.copies = defaultdict(Counter)
        self.bodies = defaultdict(set)
        self.stamps = defaultdict(set)
        self.lock = threading.Lock()
        super().__init__()

    def forget(self):
        for each in (self.copies, self.bodies, self.stamps):
            each.clear()

    def keep(self, message):
        name = message.field("X-Load")
        with self.lock:
            for each in message.recipients:
                self.copies[name][each.replace(QUARANTINE, "")] += 1
            self.bodies[name].add(hashlib.sha256(message.body).digest())
            self.stamps[name].add(len(message.fields("X-Postern-ID")))


class Load:
    """`count` messages over `connections`; `progress(sent)` is called before each one."""

    def __init__(self, mx, count, connections, seed, progress):
        self.mx, self.count, self.connections, self.seed, self.progress = mx, count, connections, seed, progress
        self.patterns = [generated(*each) for each in (("spam-2007", 1), ("spam-2007", 2), ("scan", 5), ("clean", 1))]
        self.lock = threading.Lock()
        self.next = 0
        self.letters = {}
        self.refusals = Counter()  # (stage, code) -> how many tries
        self.unknown = []          # sent whole, and no answer came
        self.fault = None

    def run(self):
        threads = [threading.Thread(target=self.carry, args=(each,), daemon=True) for each in range(self.connections)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        if self.fault:
            raise self.fault

    def carry(self, number):
        chance = random.Random(f"{self.seed}/{number}")
        try:
            while (letter := self.take(chance)) is not None:
                self.session(letter, chance)
        except Exception as fault:  # noqa: BLE001: shown by run()
            self.fault = fault

    def take(self, chance):
        with self.lock:
            if self.next >= self.count or self.fault:
                return None
            self.next += 1
            letter = Letter(self.next, self.patterns, chance)
            self.letters[letter.name] = letter
            try:
                self.progress(self.next)
            except Exception as fault:  # noqa: BLE001: no fault of the connection's; shown by run()
                self.fault = fault
                return None
        return letter

    def session(self, letter, chance):
        """One connection, which carries a few messages of the same kind; ends when one has been refused."""
        left = chance.randint(1, 10)
        while letter is not None:
            try:
                with Client(self.mx, login=("alice", "secret") if letter.outbound else None,
                            claim=None if letter.outbound else "203.0.113.9",
                            timeout=900) as client:  # longer than Postfix waits for its milter: it must answer first
                    kind = letter.outbound
                    while letter is not None and letter.outbound == kind:
                        client.send(letter.sender, letter.recipients, letter.data)
                        left -= 1
                        letter = self.take(chance) if left > 0 else None
            except Refused as refused:
                self.count_refusal(refused.stage, refused.code)
            except smtplib.SMTPResponseException as refused:
                self.count_refusal("connection", refused.smtp_code)
            except (smtplib.SMTPServerDisconnected, OSError) as fault:
                with self.lock:
                    self.unknown.append(f"{letter.name}, at {time.strftime('%H:%M:%S')}: {fault}")

    def count_refusal(self, stage, code):
        with self.lock:
            self.refusals[stage, code] += 1

    def verify(self, sink):
        """What is wrong, in words: nothing, if all is well."""
        wrong = [f"refused for good: {stage} {code} x{times}" for (stage, code), times in self.refusals.items()
                 if not 400 <= code < 500]
        wrong += [f"no answer: {each}" for each in self.unknown]
        for name, letter in self.letters.items():
            if sink.copies[name] != Counter(letter.recipients):
                wrong.append(f"{name} for {letter.recipients}: arrived {dict(sink.copies[name])}")
            if sink.bodies[name] - {letter.body}:
                wrong.append(f"{name}: its body was changed")
            if sink.stamps[name] != {1 if letter.outbound else 0}:
                wrong.append(f"{name}: stamps {sink.stamps[name]}")
        wrong += [f"{name} was never sent" for name in sink.copies if name not in self.letters]
        return wrong
