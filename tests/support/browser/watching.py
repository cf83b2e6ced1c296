"""What a page does besides being shown: whom it asks, what it complains of, what it weighs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

COMPLAINTS = ("error", "warning")
#: What a browser says of a page that is to answer so, and of a phone in which no worker may be installed.
MEANT = ("the server responded with a status of", "Service Worker registration blocked by Playwright")
#: These leave the machine for nobody.
WITHIN = ("data", "blob", "about", "chrome-error")


@dataclass(frozen=True)
class Sent:
    """One answer as it came over the line, compressed, with its heads; `page`: which opened page asked for it."""

    url: str
    size: int
    from_cache: bool = False
    is_page: bool = False
    page: str = ""


@dataclass
class Watch:
    """What was seen of one page since it was opened."""

    hosts: frozenset[str]
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    answers: dict[str, Sent] = field(default_factory=dict)

    @classmethod
    def of(cls, page: Page, base_url: str) -> "Watch":
        """Begin to watch a page, of which every request must go to the node at `base_url`."""
        watch = cls(frozenset({urlsplit(base_url).netloc}))
        page.on("console", watch._said)
        page.on("pageerror", lambda error: watch.complaints.append(f"error: {error.message}"))
        page.context.on("request", watch._asked)
        session = page.context.new_cdp_session(page)
        session.on("Network.responseReceived", watch._answered)
        session.on("Network.loadingFinished", watch._finished)
        session.send("Network.enable")
        return watch

    @property
    def wrong(self) -> list[str]:
        """What it complained of without being meant to, and whom else it asked."""
        return [*(said for said in self.complaints if not any(meant in said for meant in MEANT)), *self.foreign]

    def forget(self) -> None:
        """What was before belongs to other pages."""
        self.complaints.clear()
        self.foreign.clear()

    @property
    def weight(self) -> int:
        """Bytes that came over the line."""
        return sum(sent.size for sent in self.answers.values() if not sent.from_cache)

    @property
    def pages(self) -> int:
        """How many pages were opened one after the other."""
        return sum(sent.is_page for sent in self.answers.values())

    @property
    def once(self) -> int:
        """Of that, what does not come again: style, scripts and fonts, which a phone keeps."""
        kept = [sent for sent in self.answers.values() if urlsplit(sent.url).path.startswith("/static/")]
        return sum(sent.size for sent in kept if not sent.from_cache)

    @property
    def heaviest(self) -> list[str]:
        """What weighs how much, the heaviest first: for a message that must say what to make lighter."""
        come = sorted((sent for sent in self.answers.values() if sent.size), key=lambda sent: -sent.size)
        return [f"{sent.size} {urlsplit(sent.url).path}" for sent in come]

    @contextmanager
    def one_visit(self) -> Iterator["Watch"]:
        """What a visit alone weighs: the block opens the page and waits until it has everything."""
        before = set(self.answers)
        visit = Watch(self.hosts)
        yield visit
        come = {key: sent for key, sent in self.answers.items() if key not in before}
        opened = {sent.page for sent in come.values() if sent.is_page}
        # the page before may still have kept itself fresh while this one was opened
        visit.answers.update({key: sent for key, sent in come.items() if not opened or sent.page in opened})

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in COMPLAINTS:
            self.complaints.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in WITHIN and url.netloc not in self.hosts:
            self.foreign.append(request.url)

    def _answered(self, event: dict[str, Any]) -> None:
        said = event["response"]
        cached = bool(said.get("fromDiskCache") or said.get("fromServiceWorker"))
        sent = Sent(said["url"], 0, cached, event["type"] == "Document", event["loaderId"])
        self.answers[event["requestId"]] = sent

    def _finished(self, event: dict[str, Any]) -> None:
        if begun := self.answers.get(event["requestId"]):
            self.answers[event["requestId"]] = replace(begun, size=round(event["encodedDataLength"]))
