# SPDX-License-Identifier: GPL-2.0-or-later
"""A server that speaks RESP2 and answers as a test wants it to."""
from .process import free_port
from .servers import Server


def bulk(text):
    return b"$%d\r\n%s\r\n" % (len(text.encode()), text.encode())


def array(*texts):
    return b"*%d\r\n" % len(texts) + b"".join(map(bulk, texts))


class RespServer(Server):
    """`answer` gets the words of a command and gives the bytes of its reply."""

    def __init__(self, answer):
        self.port = free_port()
        self.answer = answer
        super().__init__(("127.0.0.1", self.port))

    def handle(self, reader, writer):
        while head := reader.readline():
            count = int(head[1:])
            words = []
            for _ in range(count):
                size = int(reader.readline()[1:])
                words.append(reader.read(size + 2)[:-2].decode("utf-8", "replace"))
            writer.write(self.answer(words))
            writer.flush()
