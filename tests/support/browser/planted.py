"""Pages of a test's own on a port of its own: what a check must find is planted in them."""

import gzip
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: A good page: what is planted goes into its body or its head.
PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><style>
body {{ margin: 16px; font: 400 1rem/1.5 Roboto, sans-serif; color: #15202b; background: #fff }}
button {{ font: inherit }}
a, button {{ display: inline-block; min-height: 48px; min-width: 48px }}
:focus-visible {{ outline: 3px solid #26386f }}
</style>{head}</head><body><main><h1>{title}</h1>{body}</main></body></html>"""


@dataclass(frozen=True)
class Answer:
    """What is served at a path."""

    body: bytes
    kind: str = "text/html; charset=utf-8"
    heads: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass
class Site:
    """A server of planted pages."""

    base_url: str
    answers: dict[str, Answer]

    def page(self, body: str, *, head: str = "", lang: str = "en", title: str = "A page", **heads: str) -> str:
        """Plant a page, compressed as a node would send it; returns its path."""
        path = f"/{len(self.answers)}"
        text = PAGE.format(lang=lang, title=title, head=head, body=body)
        said = {name.replace("_", "-"): value for name, value in heads.items()}
        self.answers[path] = Answer(gzip.compress(text.encode()), heads={"Content-Encoding": "gzip", **said})
        return path


@contextmanager
def site() -> Iterator[Site]:
    """Serve until the block is left."""
    answers: dict[str, Answer] = {}

    def send(asked: BaseHTTPRequestHandler) -> None:
        answer = answers.get(asked.path) or Answer(b"there is nothing", status=404)
        asked.send_response(answer.status)
        heads = {"Content-Type": answer.kind, "Content-Length": str(len(answer.body)), **answer.heads}
        for name, value in heads.items():
            asked.send_header(name, value)
        asked.end_headers()
        asked.wfile.write(answer.body)

    quiet = {"do_GET": send, "log_message": lambda *_: None}
    handler = type("Handler", (BaseHTTPRequestHandler,), quiet)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Site(f"http://127.0.0.1:{server.server_port}", answers)
        finally:
            server.shutdown()
            thread.join()
