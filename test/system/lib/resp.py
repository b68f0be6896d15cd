# SPDX-License-Identifier: GPL-2.0-or-later
"""A connection to Redis (RESP2): pipelines of commands, replies one by one."""
import re
import socket


class Lost(Exception):
    """The connection is gone, or did not answer in time."""


class ErrorReply(Exception):
    """What the server refused; raised by run(), a value inside transactions."""


def words(command):
    return [each if isinstance(each, bytes) else str(each).encode() for each in command]


def encode(command):
    parts = [b"*%d\r\n" % len(command)]
    for word in words(command):
        parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
    return b"".join(parts)


class Resp:
    """One connection; texts come back as str."""

    def __init__(self, port, timeout=3.0):
        try:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        except OSError as fault:
            raise Lost(str(fault)) from fault
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = port
        self.name = "127.0.0.1:%d" % self.socket.getsockname()[1]  # as CLIENT KILL ADDR wants it
        self.buffer = b""
        self.at = 0

    def close(self):
        self.socket.close()

    def send(self, commands):
        try:
            self.socket.sendall(b"".join(encode(each) for each in commands))
        except OSError as fault:
            raise Lost(str(fault)) from fault

    def fill(self):
        try:
            piece = self.socket.recv(1 << 16)
        except OSError as fault:
            raise Lost(str(fault)) from fault
        if not piece:
            raise Lost("closed by the server")
        self.buffer = self.buffer[self.at:] + piece
        self.at = 0

    def line(self):
        while True:
            end = self.buffer.find(b"\r\n", self.at)
            if end >= 0:
                text = self.buffer[self.at:end]
                self.at = end + 2
                return text
            self.fill()

    def reply(self):
        """The next reply; errors are ErrorReply objects."""
        head = self.line()
        kind, rest = head[:1], head[1:]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return ErrorReply(rest.decode())
        if kind == b":":
            return int(rest)
        if rest == b"-1":
            return None
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))]
        size = int(rest)
        while len(self.buffer) - self.at < size + 2:
            self.fill()
        text = self.buffer[self.at:self.at + size].decode("utf-8", "replace")
        self.at += size + 2
        return text

    def run(self, *command):
        self.send([command])
        answer = self.reply()
        if isinstance(answer, ErrorReply):
            raise answer
        return answer

    def transaction(self, commands):
        """Runs commands in one MULTI/EXEC; gives their replies."""
        self.send([("MULTI",), *commands, ("EXEC",)])
        return self.transaction_reply(len(commands))

    def transaction_reply(self, count):
        """The reply to a transaction of that many commands, sent before."""
        for _ in range(count + 1):
            self.reply()
        answer = self.reply()
        if isinstance(answer, ErrorReply):
            raise answer
        return answer


def ask(port, *command, timeout=3.0):
    """One command on a connection of its own."""
    connection = Resp(port, timeout)
    try:
        return connection.run(*command)
    finally:
        connection.close()


ESCAPED = re.compile(rb"\\x([0-9a-f]{2})|\\(.)")
LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b"}


def monitored_words(line):
    """The words of a command as MONITOR shows it."""
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', line)

    def plain(match):
        return bytes([int(match[1], 16)]) if match[1] else LETTERS.get(match[2], match[2])
    return [ESCAPED.sub(plain, each.encode()).decode() for each in quoted]
