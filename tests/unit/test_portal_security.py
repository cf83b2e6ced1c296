"""What keeps the portal from being used by others, in pure parts: tries, steps, tokens, origins, paths, bodies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyotp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from contracts.refusals import No, Refused
from services.client import codes
from services.portal.domain import accounts, members, second_step, tries
from services.portal.site import bodies, security

NOW = datetime(2027, 1, 4, 2, tzinfo=UTC)


def at(*minutes: float) -> list[datetime]:
    return [NOW - timedelta(minutes=each) for each in minutes]


# tries


@pytest.mark.parametrize(
    ("before", "minutes"),
    [((), 0), ((1, 2, 3, 4), 0), ((1, 2, 3, 4, 5), 10), ((14, 13, 12, 2, 1), 1), ((20, 19, 18, 17, 16, 1), 0)],
)
def test_five_tries_of_a_name_within_a_quarter_of_an_hour(before: tuple[int, ...], minutes: int) -> None:
    assert tries.wait(tries.NAME, at(*before), NOW) == timedelta(minutes=minutes)


def test_thirty_tries_of_a_name_within_a_day() -> None:
    spread = at(*(20 + 30 * n for n in range(30)))
    assert tries.wait(tries.NAME, spread[:29], NOW) == timedelta()
    assert tries.wait(tries.NAME, spread, NOW) == timedelta(days=1) - timedelta(minutes=20 + 30 * 29)


def test_how_many_are_left_is_told_by_the_nearest_limit() -> None:
    assert [tries.left(tries.NAME, at(*range(1, n + 1)), NOW) for n in range(6)] == [4, 3, 2, 1, 0, 0]
    assert tries.left(tries.NAME, at(*(20 + 30 * n for n in range(28))), NOW) == 1


# second step


@pytest.mark.parametrize("late", [-30, 0, 30])
def test_the_second_step_takes_what_other_programs_show(late: int) -> None:
    secret, shown = b"12345678901234567890", pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    code = shown.at(NOW + timedelta(seconds=late))
    step = second_step.step_of(secret, f"{code[:3]} {code[3:]}", NOW, 0)
    assert step == int(NOW.timestamp()) // 30 + late // 30
    assert second_step.step_of(secret, code, NOW, step) is None  # once
    assert second_step.step_of(secret, code, NOW + timedelta(minutes=2), 0) is None


def test_what_is_no_code_fits_no_step() -> None:
    for given in ("", "abcdef", "１２３４５６", "1234567"):
        assert second_step.step_of(b"x" * 20, given, NOW, 0) is None


# members


def test_somebody_always_decides() -> None:
    members.keep_led({"a": "coordinator", "b": "coordinator"}, "a", None)
    members.keep_led({"a": "coordinator", "b": "helper"}, "b", "observer")
    members.keep_led({"a": "coordinator"}, "a", "coordinator")
    for role in (None, "helper"):
        with pytest.raises(Refused) as no:
            members.keep_led({"a": "coordinator", "b": "helper"}, "a", role)
        assert no.value.refusal.code is No.WRONG_STATE


@pytest.mark.parametrize(
    ("password", "why"),
    [("short", "short"), ("aaaaaaaaaa", "easy"), ("12345678", "easy"), ("abcabcabc", "easy"), ("xx Noi 2027", "name"),
     ("three mountains", None), ("บ้านเราสวยงาม", None)],
)  # fmt: skip
def test_a_password_that_is_guessed_first_is_refused(password: str, why: str | None) -> None:
    assert accounts.weakness(password, "Noi") == why


def test_a_code_is_the_same_however_it_is_typed() -> None:
    code = codes.new_code()
    assert codes.digest(code) == codes.digest(f" {codes.spelled(code).lower()} ")
    assert len({codes.new_code() for _ in range(200)}) == 200


# where a request comes from, and where it may lead


def asked(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": raw})


@pytest.mark.parametrize(
    ("headers", "url", "ours"),
    [
        ({"sec_fetch_site": "same-origin", "host": "a"}, "", True),
        ({"sec_fetch_site": "same-site", "host": "a"}, "", False),
        ({"sec_fetch_site": "cross-site", "host": "a"}, "", False),
        ({"sec_fetch_site": "none", "host": "a"}, "", False),
        ({"origin": "http://a", "host": "a"}, "", True),
        ({"origin": "http://a:81", "host": "a"}, "", False),
        ({"origin": "null", "host": "a"}, "", False),
        ({"origin": "https://a.example", "host": "inside:8080"}, "https://a.example", True),
        ({"origin": "https://b.example", "host": "inside:8080"}, "https://a.example", False),
        ({"host": "a"}, "", True),  # a browser that says neither: then the token alone decides
    ],
)
def test_a_form_of_another_site_is_told_apart(headers: dict[str, str], url: str, ours: bool) -> None:
    assert security.is_from_here(asked(**headers), url) is ours


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "/\t/evil.example", "/\n/evil", "evil",
     "", "javascript:alert(1)", " /today", "///evil.example", "/ห"],
)  # fmt: skip
def test_a_way_back_never_leads_elsewhere(path: str) -> None:
    assert security.own_path(path) == "/"


def test_a_way_back_leads_to_a_page_of_ours() -> None:
    assert security.own_path("/requests?from=2027-01-01") == "/requests?from=2027-01-01"


def test_links_are_made_of_what_was_set_up_and_never_of_a_strange_host() -> None:
    assert security.address(asked(host="evil.example"), "https://a.example") == "https://a.example"
    assert security.address(asked(host="192.168.1.5:8080"), "") == "http://192.168.1.5:8080"
    for host in ("a/b", "a@b", "a b", "", "a:80:80", 'a"onclick'):
        with pytest.raises(ValueError, match="host"):
            security.address(asked(host=host), "")


def test_one_subscriber_counts_as_one_place() -> None:
    assert security.network("2001:db8::1") == security.network("2001:db8::ffff:1")
    assert security.network("2001:db8::1") != security.network("2001:db8:0:1::1")
    assert security.network("203.0.113.7") != security.network("203.0.113.8")


def test_a_token_reads_differently_every_time_and_is_of_one_secret() -> None:
    secret, other = security.new_secret(), security.new_secret()
    tokens = {security.form_token(secret) for _ in range(20)}
    assert len(tokens) == 20
    assert all(security.is_form_token(token, secret) and not security.is_form_token(token, other) for token in tokens)
    for wrong in ("", "x", "é", "A" * 86, security.written(secret)):
        assert not security.is_form_token(wrong, secret)


# bodies


async def page(request: Request) -> Response:
    try:
        form = await bodies.form(bodies.limited(request, 1000), 1000)
    except bodies.TooLarge:
        return PlainTextResponse("large", 413)
    except bodies.Unreadable:
        return PlainTextResponse("unreadable", 400)
    return PlainTextResponse(",".join(sorted(form)))


def send(content: Any, kind: str = "application/x-www-form-urlencoded", **headers: str) -> tuple[int, str]:
    async def sent() -> tuple[int, str]:
        transport = httpx.ASGITransport(Starlette(routes=[Route("/", page, methods=["POST"])]))
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            answer = await client.post("/", content=content, headers={"content-type": kind, **headers})
            return answer.status_code, answer.text

    return asyncio.run(sent())


async def chunks(count: int, size: int = 100) -> AsyncIterator[bytes]:
    yield b"a="
    for _ in range(count):
        yield b"x" * size


def parts(count: int, size: int = 1, *, files: bool = False) -> bytes:
    name = '; filename="f"' if files else ""
    part = f'--b\r\nContent-Disposition: form-data; name="n"{name}\r\n\r\n{"x" * size}\r\n'
    return (part * count + "--b--\r\n").encode()


def test_a_form_is_read_within_its_limit_whatever_its_head_promises() -> None:
    assert send(b"a=1&b=2") == (200, "a,b")
    assert send(b"a=" + b"x" * 2000)[0] == 413
    assert send(chunks(3)) == (200, "a")
    assert send(chunks(30))[0] == 413  # no length was given
    assert send(b"a=1", **{"content-length": "many"})[0] == 413


def test_a_form_of_many_parts_or_none_is_refused() -> None:
    multi = "multipart/form-data; boundary=b"
    assert send(parts(2), multi) == (200, "n")
    assert send(parts(1, 2000, files=True), multi)[0] == 413
    assert send(parts(13, files=True), multi)[0] in (400, 413)
    assert send(b"no part", multi)[0] == 400
    assert send(parts(1), "multipart/form-data")[0] == 400
    assert send("&".join(f"a{n}=" for n in range(201)).encode())[0] in (400, 413)


def test_a_file_never_leaves_the_memory() -> None:
    assert bodies.InMemory.spool_max_size > bodies.PHOTOS


def test_what_is_no_form_is_an_empty_one() -> None:
    assert send(b"{}", "application/json") == (200, "")
