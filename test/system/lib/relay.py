# SPDX-License-Identifier: GPL-2.0-or-later
"""A TCP relay that can be cut, or fall silent without anybody being told."""
import selectors
import socket
import threading


class Relay:
    """Listens on `port` and passes bytes to and from `target` (a port, or None: connections are refused)."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.lock = threading.RLock()
        self.pairs = {}  # socket -> the one at the other end
        self.silent = set()
        self.stopping = False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.logs = []

    def start(self):
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.thread.start()

    def stop(self):
        self.stopping = True
        self.thread.join()
        self.cut()
        self.listener.close()

    def serve(self):
        while not self.stopping:
            for key, _ in self.selector.select(0.05):
                with self.lock:
                    if key.fileobj is self.listener:
                        self.accept()
                    elif key.fileobj in self.pairs:
                        self.carry(key.fileobj)

    def accept(self):
        near, _ = self.listener.accept()
        try:
            far = socket.create_connection(("127.0.0.1", self.target or 1), 1)
        except OSError:
            near.close()
            return
        for here, there in ((near, far), (far, near)):
            here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pairs[here] = there
            self.selector.register(here, selectors.EVENT_READ)

    def carry(self, here):
        if here in self.silent:
            self.selector.unregister(here)  # what comes stays in the kernel
            return
        try:
            piece = here.recv(1 << 16)
            if piece:
                self.pairs[here].sendall(piece)
                return
        except OSError:
            pass
        self.close(here)

    def close(self, here):
        for end in (here, self.pairs[here]):
            del self.pairs[end]
            self.silent.discard(end)
            if end in self.selector.get_map():
                self.selector.unregister(end)
            end.close()

    def cut(self):
        """Closes every connection."""
        with self.lock:
            while self.pairs:
                self.close(next(iter(self.pairs)))

    def hush(self, random):
        """A random half of the directions carries nothing any more, and nobody is told."""
        with self.lock:
            self.silent.update(end for end in self.pairs if random.random() < 0.5)

    def point_at(self, target):
        """New connections go there; the old ones end."""
        with self.lock:
            self.target = target
            self.cut()
