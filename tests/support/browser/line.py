"""The line between one phone and a node: it can be cut and restored, and lose answers. Plain threads, no engine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_ATONCE = 65536


class Line:
    """Carries bytes to a port of this machine, as long as it is not cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.is_cut = False
        #: What is asked arrives, and what is answered does not.
        self.loses_answers = False
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def base_url(self) -> str:
        """Where the phone finds the node."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Nothing goes through any more, also over what is open."""
        self.is_cut = True
        for each in list(self._open):
            _end(each)

    def restore(self) -> None:
        """Everything goes through."""
        self.is_cut = self.loses_answers = False

    def close(self) -> None:
        """For good."""
        _end(self._listener)
        self.cut()

    def _serve(self) -> None:
        while True:
            try:
                phone, _ = self._listener.accept()
            except OSError:
                return
            if self.is_cut:
                _end(phone)
                continue
            node = socket.create_connection(("127.0.0.1", self._target))
            self._open |= {phone, node}
            for source, sink in ((phone, node), (node, phone)):
                threading.Thread(target=self._carry, args=(source, sink, source is node), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_ATONCE):
                if is_answer and self.loses_answers:
                    break
                sink.sendall(data)
        for each in (source, sink):
            self._open.discard(each)
            _end(each)


@contextmanager
def line(port: int) -> Iterator[Line]:
    """A line to this port, for the block."""
    held = Line(port)
    try:
        yield held
    finally:
        held.close()


def _end(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
