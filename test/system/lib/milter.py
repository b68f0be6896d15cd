# SPDX-License-Identifier: GPL-2.0-or-later
"""The MTA's side of the milter protocol (version 6), packet by packet, so that a scenario can do what no MTA does."""
import socket
import struct

ADDHDRS, CHGBODY, ADDRCPT, DELRCPT, CHGHDRS, QUARANTINE = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
ADDRCPT_PAR = 0x80
ALL_ACTIONS = 0x1FF
NOCONNECT, NOHELO, NOMAIL, NORCPT, NOBODY, NOHDRS, NOEOH = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40
NR_HDR, NOUNKNOWN, NODATA, SKIP, RCPT_REJ = 0x80, 0x100, 0x200, 0x400, 0x800
NR_CONN, NR_HELO, NR_MAIL, NR_RCPT, NR_DATA = 0x1000, 0x2000, 0x4000, 0x8000, 0x10000
NR_UNKN, NR_EOH, NR_BODY, LEADSPC = 0x20000, 0x40000, 0x80000, 0x100000
ALL_STEPS = 0x1FFFFF

# Which steps are answered, by the bit that says they are not.
SILENCE = {b"C": NR_CONN, b"H": NR_HELO, b"M": NR_MAIL, b"R": NR_RCPT, b"T": NR_DATA, b"L": NR_HDR, b"N": NR_EOH,
           b"B": NR_BODY}
LEFT_OUT = {b"C": NOCONNECT, b"H": NOHELO, b"M": NOMAIL, b"R": NORCPT, b"T": NODATA, b"L": NOHDRS, b"N": NOEOH,
            b"B": NOBODY}
FINAL = b"cartdy4s"  # replies that end a step: continue, accept, reject, tempfail, discard, reply code, skip


class Closed(Exception):
    """The milter closed the connection."""


class Milter:
    """One connection.  Steps give the milter's answer: b"c" continue, b"a" accept, ..., or None for silent ones."""

    def __init__(self, port, actions=ALL_ACTIONS, steps=ALL_STEPS, version=6, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.edits = []
        self.reply_text = b""
        self.write(b"O", struct.pack("!III", version, actions, steps))
        command, data = self.read()
        if command != b"O":
            raise AssertionError(f"negotiation answered with {command!r}")
        self.version, self.actions, self.steps = struct.unpack("!III", data[:12])

    def write(self, command, data=b""):
        self.socket.sendall(struct.pack("!I", len(data) + 1) + command + data)

    def read_exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise Closed()
            data += piece
        return data

    def read(self):
        size = struct.unpack("!I", self.read_exactly(4))[0]
        data = self.read_exactly(size)
        return data[:1], data[1:]

    def macros(self, command, **values):
        """Macros for a step; names of several letters go in braces."""
        data = command
        for name, value in values.items():
            name = name if len(name) == 1 else "{" + name + "}"
            data += name.encode() + b"\0" + value.encode() + b"\0"
        self.write(b"D", data)

    def step(self, command, data=b""):
        if self.steps & LEFT_OUT.get(command, 0):
            return None
        self.write(command, data)
        if self.steps & SILENCE.get(command, 0):
            return None
        return self.answer()

    def answer(self):
        """The final reply of a step; edits on the way are kept in `edits`."""
        while True:
            command, data = self.read()
            if command == b"y":
                self.reply_text = data.rstrip(b"\0")
            if command in (b"c", b"a", b"r", b"t", b"d", b"y", b"s"):
                return command
            self.edits.append((command, data))

    def connect(self, address="192.0.2.1", port=4321, name="client.example.org"):
        family = b"6" if ":" in address else b"4"
        return self.step(b"C", name.encode() + b"\0" + family + struct.pack("!H", port) + address.encode() + b"\0")

    def connect_unknown(self, name="localhost"):
        return self.step(b"C", name.encode() + b"\0U")

    def helo(self, name="client.example.org"):
        return self.step(b"H", name.encode() + b"\0")

    def mail(self, sender="anna@example.org"):
        return self.step(b"M", f"<{sender}>".encode() + b"\0")

    def recipient(self, address="alice@example.com"):
        return self.step(b"R", f"<{address}>".encode() + b"\0")

    def data(self):
        return self.step(b"T")

    def header(self, name, value):
        value = " " + value if self.steps & LEADSPC else value
        return self.step(b"L", name.encode() + b"\0" + value.encode() + b"\0")

    def end_of_headers(self):
        return self.step(b"N")

    def body(self, data):
        return self.step(b"B", data)

    def end(self):
        self.edits = []
        return self.step(b"E")

    def abort(self):
        self.write(b"A")

    def quit(self):
        self.write(b"Q")
        self.socket.close()

    def close(self):
        self.socket.close()

    def message(self, sender="anna@example.org", recipients=("alice@example.com",), headers=None, body=b"Hello\r\n",
                queue_id=None, **macros):
        """A whole message as Postfix sends it; gives the answer at its end."""
        self.macros(b"M", **macros)
        answer = self.mail(sender)
        if answer not in (None, b"c"):
            return answer
        for each in recipients:
            self.recipient(each)
        self.data()
        for name, value in headers or [("From", sender), ("To", recipients[0]), ("Subject", "Hello")]:
            self.header(name, value)
        self.end_of_headers()
        for start in range(0, len(body), 65535):
            if self.body(body[start:start + 65535]) == b"s":
                break
        if queue_id:
            self.macros(b"E", i=queue_id)
        return self.end()

    def inserted(self):
        """(index, name, value) of the headers that were inserted."""
        found = []
        for command, data in self.edits:
            if command == b"i":
                name, value = data[4:].split(b"\0")[:2]
                found.append((struct.unpack("!I", data[:4])[0], name.decode(), value.decode()))
        return found
