# SPDX-License-Identifier: GPL-2.0-or-later
"""The servers around: Redis, Postern's daemon, an SMTP sink, and an authentication server for Postfix."""
import base64
import os
import socketserver
import subprocess
import threading

from .process import Process, free_port
from .run import program, wait_for


class Redis(Process):
    """A redis-server of its own; in memory only, unless it is to survive its own end."""

    def __init__(self, bench, name="redis", persistent=False):
        self.port = free_port()
        self.directory = bench.path(name)
        self.directory.mkdir()
        super().__init__(["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                          "--appendonly", "yes" if persistent else "no", "--dir", str(self.directory)], str(bench.path(name + ".log")))

    def start(self):
        super().start()
        self.wait_listening(self.port)

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def cli(self, *arguments):
        """Runs redis-cli and gives what it prints."""
        done = subprocess.run(["redis-cli", "-p", str(self.port), *arguments], check=True, capture_output=True,
                              text=True, timeout=10)
        return done.stdout.strip()


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else '"' + value.replace("\\", "\\\\") + '"'


class Postern(Process):
    """postern-milter in the foreground, with its own tables and state directory."""

    def __init__(self, bench, name="postern", listen=None, tables=None, **settings):
        self.home = bench.path(name)
        for part in ("", "tables", "state"):
            (self.home / part).mkdir(exist_ok=True)
        self.port = free_port()
        self.listen = listen or f"inet:{self.port}@127.0.0.1"
        self.config = self.home / "postern.toml"
        self.settings = {"listen": self.listen, "log": "stderr", "node": name, "inspect_workers": 2,
                         "tables_directory": str(self.home / "tables"), "state_directory": str(self.home / "state")}
        self.settings.update(settings)
        self.write_settings()
        for table, text in (tables or {}).items():
            self.table(table, text)
        super().__init__([program("postern-milter"), "-c", str(self.config), "-f"], str(bench.path(name + ".log")))

    @property
    def address(self):
        """The listen address as Postfix spells it: inet:HOST:PORT, not libmilter's inet:PORT@HOST."""
        return self.listen if self.listen.startswith("unix:") else f"inet:127.0.0.1:{self.port}"

    def write_settings(self, **changes):
        self.settings.update(changes)
        lines = [f"{name.replace('_', '-')} = {toml(value)}" for name, value in self.settings.items()]
        self.config.write_text("\n".join(lines) + "\n")
        if "@" in str(self.settings.get("redis", "")):
            self.config.chmod(0o640)  # it holds a password

    def table(self, name, text):
        (self.home / "tables" / name).write_text(text)

    def start(self):
        before = len(self.lines("started:")) if os.path.exists(self.log) else 0
        super().start()
        wait_for(lambda: len(self.lines("started:")) > before or self.process.poll() is not None, "postern-milter")
        if self.process.poll() is not None:
            raise AssertionError(f"postern-milter ended with status {self.process.returncode}: {self.text()}")

    def verdict(self, *words, seconds=20.0, count=1):
        """The message lines that hold the words, waited for."""
        return self.wait_line("verdict=", *words, seconds=seconds, count=count)

    def command(self, *arguments):
        """Runs `postern` on this daemon's settings; gives the finished process."""
        return subprocess.run([program("postern"), "--config", str(self.config), *arguments], capture_output=True,
                              text=True, timeout=60)


class Server:
    """A threaded TCP or unix server whose handler is a method."""

    def __init__(self, address):
        owner = self
        base = socketserver.ThreadingUnixStreamServer if isinstance(address, str) else socketserver.ThreadingTCPServer

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    owner.handle(self.rfile, self.wfile)
                except (ConnectionError, ValueError):
                    pass

        class Listener(base):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 64

        self.server = Listener(address, Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        if self.thread.is_alive():
            self.server.shutdown()
            self.thread.join()
        self.server.server_close()

    def handle(self, reader, writer):
        raise NotImplementedError


class Message:
    """What the sink took: envelope and the exact bytes."""

    def __init__(self, sender, recipients, data):
        self.sender = sender
        self.recipients = recipients
        self.data = data

    @property
    def body(self):
        return self.data.partition(b"\r\n\r\n")[2]

    @property
    def head(self):
        return self.data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")

    def fields(self, name):
        """The values of a top-level header, unfolded."""
        values = []
        for line in self.head.replace("\r\n\t", " ").replace("\r\n ", " ").split("\r\n"):
            key, colon, value = line.partition(":")
            if colon and key.lower() == name.lower():
                values.append(value.strip())
        return values

    def field(self, name):
        return (self.fields(name) or [None])[0]


class Sink(Server):
    """An SMTP server that keeps what it gets; recipients for which refuse() gives a reply are refused."""

    def __init__(self, refuse=lambda recipient: None, port=0):
        self.messages = []
        self.refuse = refuse
        super().__init__(("127.0.0.1", port))
        self.port = self.server.server_address[1]

    def handle(self, reader, writer):
        def say(text):
            writer.write(text.encode() + b"\r\n")

        say("220 sink.example.net ESMTP")
        sender, recipients = "", []
        for line in reader:
            verb = line.strip().decode("latin-1")
            if verb[:4].upper() in ("EHLO", "HELO"):
                say("250-sink.example.net\r\n250-8BITMIME\r\n250 SIZE 100000000")
            elif verb[:10].upper() == "MAIL FROM:":
                sender, recipients = verb[10:].split()[0].strip("<>"), []
                say("250 2.1.0 Ok")
            elif verb[:8].upper() == "RCPT TO:":
                recipient = verb[8:].split()[0].strip("<>")
                refusal = self.refuse(recipient)
                if refusal is None:
                    recipients.append(recipient)
                say(refusal or "250 2.1.5 Ok")
            elif verb.upper() == "DATA":
                say("354 go ahead")
                self.keep(Message(sender, recipients, self.read_data(reader)))
                say("250 2.0.0 Ok: kept")
            elif verb.upper() == "QUIT":
                say("221 2.0.0 Bye")
                return
            else:
                say("250 2.0.0 Ok")

    def keep(self, message):
        self.messages.append(message)

    @staticmethod
    def read_data(reader):
        data = []
        for line in reader:
            if line == b".\r\n":
                break
            data.append(line[1:] if line.startswith(b".") else line)
        return b"".join(data)

    def to(self, recipient, seconds=20.0, count=1):
        """The messages for one recipient, waited for."""
        def found():
            hits = [each for each in self.messages if recipient in each.recipients]
            return len(hits) >= count and hits
        return wait_for(found, f"{count} message(s) for {recipient}", seconds)

    def marked(self, recipient, marker, seconds=20.0):
        """The newest message for a recipient that holds the marker, waited for."""
        return wait_for(lambda: [each for each in self.has(recipient) if marker.encode() in each.data],
                        f"a message for {recipient} with {marker}", seconds)[-1]

    def has(self, recipient):
        return [each for each in self.messages if recipient in each.recipients]


class Accounts(Server):
    """Speaks the Dovecot authentication protocol (version 1.2), for Postfix's AUTH PLAIN."""

    def __init__(self, bench, users):
        self.users = users
        self.path = str(bench.path("accounts"))
        super().__init__(self.path)
        os.chmod(self.path, 0o666)

    def handle(self, reader, writer):
        writer.write(b"VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t" + b"0" * 32 + b"\nDONE\n")
        for line in reader:
            fields = line.decode().rstrip("\n").split("\t")
            if fields[0] != "AUTH":
                continue
            response = next((each[5:] for each in fields if each.startswith("resp=")), "")
            _, user, password = (base64.b64decode(response).decode().split("\0") + ["", ""])[:3]
            good = user in self.users and self.users[user] == password
            answer = f"OK\t{fields[1]}\tuser={user}\n" if good else f"FAIL\t{fields[1]}\tuser={user}\n"
            writer.write(answer.encode())
