"""A site that keeps the contract of services/portal/static/README.md with a phone, can be cut off and can lose answers.

It holds no portal: a few pages and what was posted, so that the scripts of the phone are judged by themselves.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

STATIC = Path(__file__).resolve().parents[2] / "services/portal/static"
#: Stands on pages that are kept: nothing that reads the disk may find it.
PERSONAL = "Kenji-of-the-river"
#: The first and the last of these stand on every page.
HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>{session}
<script src="/static/portal.js?v=1" defer></script>{scripts}</head><body>
<span class="sync on" data-sync><i data-on>ok</i><i data-off hidden>no</i><b data-as-of></b></span>
<aside data-stale hidden>This is from <b data-as-of></b></aside>
<aside data-waits hidden><b data-count></b> saved on this phone, not yet sent <button data-try>Try now</button></aside>
<div data-came></div>
<template data-came-yes><p class="yes"><a data-href data-label></a> sent <button data-seen>OK</button></p></template>
<template data-came-no><p class="no"><b data-label></b>: <a data-href data-said></a></p></template>
<main{attributes}>{main}</main></body></html>"""
RECEIVE = """
<div data-camera hidden><video hidden muted playsinline></video><button type="button" data-open>Open</button></div>
<p data-blind="http" hidden>no https</p><p data-blind="phone" hidden>no eye</p>
<form method="post" action="/receive" data-look><input name="id" value="look" type="hidden">
<input name="code" data-group id="code"><input name="pass_token" type="hidden"><button>Check</button></form>
<a data-arrival="{referral}" href="/receive/{referral}">2 adults</a><div data-place></div>
{verdicts}"""
VERDICT = """<template data-verdict="{name}"><h1>{name}</h1><p data-fill="party"></p><p data-fill="at"></p>
<p data-fill="said"></p><a data-href>look</a>{form}</template>"""
ARRIVE = """<form data-arrive method="post"><input name="adult" type="number"><button>All are here</button></form>"""
VERDICTS = ["valid", "early", "late", "key_over", "forged", "unknown_key", "malformed", "no_code", "used", "over"]
ANSWERS = ["saved", "arrived", "refused"]
REFERRAL = "0190aaaa-0000-7000-8000-000000000001"
#: Script → what stands in it and is served otherwise: a control changes what a test is to find.
CHANGED: dict[str, tuple[str, str]] = {}


class Site:
    """What the pages say, what was posted, and what goes wrong."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.session: str | None = "one"
        self.ends = datetime.now(UTC) + timedelta(hours=8)
        self.keeps = datetime.now(UTC) + timedelta(hours=8)
        self.word = "calm"
        self.slow = 0.0
        self.answer = "done"  # or lost: done and not answered; refused; busy
        self.pocket: dict[str, Any] = {"as_of": datetime.now(UTC).isoformat(), "keys": [], "arrivals": []}
        self.posts: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.done: list[str] = []
        self.asked: list[str] = []
        self._server: ThreadingHTTPServer | None = None

    @property
    def address(self) -> str:
        """Where a browser finds it: localhost counts as a secure context."""
        return f"http://localhost:{self.port}"

    @property
    def reachable(self) -> bool:
        """Whether anything is answered."""
        return self._server is not None

    def restore(self) -> None:
        """It can be reached."""
        how = {"kept": self, "do_GET": Answering.read, "do_POST": Answering.post}
        self._server = Quiet(("127.0.0.1", self.port), type("Handler", (Answering,), how))
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def cut(self) -> None:
        """It cannot be reached: nothing listens."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def page(self, title: str, main: str, attributes: str = "", scripts: str = "") -> str:
        """A page as the base template makes it."""
        session = (
            f'<meta name="session" content="{self.session}"><meta name="csrf" content="token">'
            f'<meta name="session-ends" content="{self.ends.isoformat()}"><meta name="zone" content="Asia/Bangkok">'
        )
        tags = "".join(f'<script src="/static/{name}.js?v=1" defer></script>' for name in scripts.split())
        held = session if self.session and "offline" not in title else ""
        return HEAD.format(title=title, main=main, attributes=attributes, scripts=tags, session=held)


class Quiet(ThreadingHTTPServer):
    """Says nothing when a browser goes away."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A browser that has gone away is no error."""


class Answering(BaseHTTPRequestHandler):
    """One request."""

    kept: Site
    protocol_version = "HTTP/1.0"

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def parse_request(self) -> bool:
        """Also a connection from before the cut is not answered after it."""
        return super().parse_request() and self.kept.reachable

    def read(self) -> None:
        """A page, an asset, or what the phone may keep of the day."""
        site, path = self.kept, urlsplit(self.path).path
        site.asked.append(path)
        if path.startswith("/static/") or path == "/sw.js":
            self.say(script(path.rpartition("/")[2]).encode(), "text/javascript", session=None)
            return
        time.sleep(site.slow)
        if path == "/receive/pocket.json":
            self.say(json.dumps(site.pocket).encode(), "application/json", keep=True)
            return
        body, keep = page_of(site, path)
        tag = f'"{site.word}"' if path == "/today" else None
        if tag and self.headers["If-None-Match"] == tag:
            self.say(b"", "text/html", status=304, keep=keep)
            return
        self.say(body.encode(), "text/html; charset=utf-8", keep=keep, ETag=tag)

    def post(self) -> None:
        """Done once by its id, whatever becomes of the answer."""
        site, path = self.kept, urlsplit(self.path).path
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = (
            json.loads(body)["scans"][0] if path == "/receive/scans" else {k: v[0] for k, v in parse_qs(body).items()}
        )
        if path == "/signout":
            site.session = None
            self.say(b"", "text/html", status=303, Location="/signin")
            return
        site.posts.append((path, sent, dict(self.headers)))
        if site.answer == "busy":
            self.say(b"later", "text/html", status=503)
            return
        if site.answer != "refused" and sent["id"] not in site.done:
            site.done.append(sent["id"])
        if site.answer == "lost":
            self.close_connection = True
            return
        self.judged(path)

    def judged(self, path: str) -> None:
        """What the node says to it."""
        site, refused = self.kept, self.kept.answer == "refused"
        if path == "/receive/scans":
            word = "used" if refused else "arrived"
            said = {"results": [{"id": "x", "outcome": word, "said": "The node says so", "href": "/handoffs/1"}]}
            self.say(json.dumps(said).encode(), "application/json")
        elif refused:
            self.say(site.page("Somebody else answered", "<h1>Raced</h1>").encode(), "text/html", status=409)
        else:
            self.say(b"", "text/html", status=303, Location="/handoffs/1")

    def say(
        self,
        body: bytes,
        kind: str,
        *,
        status: int = 200,
        session: str | None = "",
        keep: bool = False,
        **headers: str | None,
    ) -> None:
        """Answers."""
        site = self.kept
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store" if session is not None else "max-age=60")
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.send_header("Content-Length", str(len(body)))
        if session is not None:
            self.send_header("Handoff-Session", site.session or "none")
        if keep and site.session:
            self.send_header("Handoff-Keep", f"until={site.keeps.isoformat()}")
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def script(name: str) -> str:
    """A script of the phone, changed for a control."""
    was, instead = CHANGED.get(name, ("", ""))
    return (STATIC / name).read_text(encoding="utf-8").replace(was, instead)


def page_of(site: Site, path: str) -> tuple[str, bool]:
    """A page, and whether the phone may keep it."""
    if path == "/today":
        main = f"<h1>Today</h1><p id=word>{site.word}</p><p>{PERSONAL}</p>"
        main += "<a id=go href=/handoffs/1>Open</a><input id=typed>"
        main += '<span data-keep="/receive /receive/pocket.json"></span>'
        main += '<form action="/signout" method="post" data-signout><p data-unsent hidden>Not sent</p>'
        main += "<button>Out</button></form>"
        return site.page("Today", main, ' data-fresh="0.3"', "today"), True
    if path == "/receive":
        forms = {name: ARRIVE if name in ("valid", "used") else "" for name in VERDICTS + ANSWERS}
        verdicts = "".join(VERDICT.format(name=name, form=form) for name, form in forms.items())
        where = ' data-receive data-pocket="/receive/pocket.json" data-scans="/receive/scans"'
        where += ' data-ed25519="/static/ed25519.js?v=1"'
        return site.page("Receive", RECEIVE.format(referral=REFERRAL, verdicts=verdicts), where, "pass receive"), True
    if path == "/requests/1":
        main = '<form method="post" action="/handoffs/1/accept"><input type="hidden" name="id" value="a1">'
        main += '<input type="hidden" name="later" value="Accept &amp; go"><button>Accept</button></form>'
        return site.page("Request", main), True
    words = {
        "/offline": "No signal",
        "/offline/saved": "Saved on this phone: {label}",
        "/consent": f"<p>{PERSONAL}</p>",
        "/passes": "<script src=/static/pass.js></script><script src=/static/ed25519.js></script>",
    }
    return site.page(path, words.get(path, f"<h1>{path}</h1>")), False


@contextmanager
def reached(given: Site | None = None) -> Iterator[Site]:
    """A site that can be reached."""
    site = given or Site(0)
    site.restore()
    try:
        yield site
    finally:
        site.cut()
