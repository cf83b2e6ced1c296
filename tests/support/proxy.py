"""A TCP proxy in the test's own process: it can swallow what comes back, stand still, cut, reset and be gone."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

import eventlet


class Proxy:
    """Forwards TCP to a port of this machine until it is told to do otherwise."""

    def __init__(self, port: int) -> None:
        self.target = port
        self._listener = eventlet.listen(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.swallow_replies = False
        self.frozen = False
        self.refuses = False
        self.accepted = 0
        self.open = 0
        self._sockets: list[socket.socket] = []
        self._threads = [eventlet.spawn(self._accept)]

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            if self.refuses:
                client.close()
                continue
            self.accepted += 1
            self.open += 1
            self._sockets.append(client)
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                self.open -= 1
                continue
            self._sockets.append(server)
            self._threads.append(eventlet.spawn(self._pump, client, server, False))
            self._threads.append(eventlet.spawn(self._pump, server, client, True))

    def _pump(self, source: socket.socket, sink: socket.socket, replies: bool) -> None:
        with suppress(OSError, EOFError):
            while True:
                while self.frozen:
                    eventlet.sleep(0.01)
                data = source.recv(65536)
                if not data:
                    break
                if not (replies and self.swallow_replies):
                    sink.sendall(data)
        self.open -= not replies
        if source in self._sockets:
            self._sockets.remove(source)
            with suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR)
        source.close()  # without a good-bye, where `reset` has arranged it

    def reset(self) -> None:
        """End every connection by RST, as when the other machine has lost its memory."""
        sockets, self._sockets = self._sockets, []
        for each in sockets:
            with suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.shutdown(socket.SHUT_RD)  # wakes its pump, which closes it

    def close(self) -> None:
        """End it."""
        for thread in self._threads:
            thread.kill()
        for each in [self._listener, *self._sockets]:
            each.close()
