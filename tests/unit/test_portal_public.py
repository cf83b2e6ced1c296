"""What public pages are made of: data for search engines, tokens without a cookie, texts, limits."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contracts.community.v1 import CommunityProfile, Experience, FindCommunities, FindExperiences
from contracts.messages import Query, Several
from contracts.refusals import No, refusal
from deploy.demo import data
from services.chassis.trust.vault import Vault, new_line
from services.client.answers import Unavailable
from services.client.phrases.catalogue import Phrases
from services.portal.domain.enquiries import FROM_ADDRESS, TO_COMMUNITY, Asker, too_often
from services.portal.domain.public import PublicPage, PublicText
from services.portal.pages import public
from services.portal.pages.public import hours_of
from services.portal.site import asking, public_book, structured
from services.portal.site.directory import Directory

NOW = datetime(2027, 1, 14, 3, tzinfo=UTC)
OFFERING = next(each.offering for each in data.communities().offerings if each.offering.community.id == "bo-taen")
HERE = "https://example.org/en/bo-taen"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    file = tmp_path / "node.keys"
    file.write_text(new_line() + "\n")
    file.chmod(0o600)
    return Vault(file)


def test_search_engines_read_what_people_read() -> None:
    offers = [(each, f"{HERE}/{each.id.partition('.')[2]}") for each in OFFERING.experiences]
    made = structured.community(OFFERING.community, offers, name="Bo Taen", text="A valley", url=HERE, photos=[])
    assert made["@type"] == "LocalBusiness"
    assert {offer["priceCurrency"] for offer in made["makesOffer"]} == {"LAK"}
    assert "image" not in made
    assert not {"telephone", "email", "employee"} & made.keys()


def test_data_never_ends_its_element() -> None:
    text = structured.written({"name": "</script><script>alert(1)</script> & <!--"})
    inner = str(text).removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert "<" not in inner
    assert json.loads(inner)["name"] == "</script><script>alert(1)</script> & <!--"


def test_a_token_is_good_for_its_community_and_a_day(vault: Vault) -> None:
    given = asking.token(vault, "bo-taen", NOW)
    assert asking.is_token(vault, "bo-taen", given, NOW + timedelta(hours=23))
    assert not asking.is_token(vault, "bo-taen", given, NOW + timedelta(hours=31))
    assert not asking.is_token(vault, "bo-taen", given, NOW - timedelta(hours=7))
    assert not asking.is_token(vault, "tha-li", given, NOW)
    assert not asking.is_token(vault, "bo-taen", given[:-1], NOW)
    assert not asking.is_token(vault, "bo-taen", "ก-ข", NOW)


def test_a_new_key_of_the_node_leaves_tokens_good(vault: Vault) -> None:
    given = asking.token(vault, "bo-taen", NOW)
    vault.path.write_text(new_line() + "\n" + vault.path.read_text())
    assert asking.is_token(vault, "bo-taen", given, NOW)


def test_an_address_is_counted_without_being_kept(vault: Vault) -> None:
    assert asking.digest(vault, "address", "192.0.2.1") != asking.digest(vault, "address", "192.0.2.2")
    assert b"192.0.2.1" not in asking.digest(vault, "address", "192.0.2.1")


def test_asking_has_a_limit_from_an_address_and_for_a_community() -> None:
    tries = [NOW - timedelta(minutes=n) for n in range(FROM_ADDRESS)]
    assert too_often(tries, [], NOW)
    assert not too_often(tries[1:], [], NOW)
    assert not too_often(tries, [], NOW + timedelta(hours=1))
    assert too_often([], [NOW] * TO_COMMUNITY, NOW)


def test_no_error_quotes_who_asks() -> None:
    with pytest.raises(ValidationError) as wrong:
        Asker.model_validate({"contact": "CANARY\u202e", "question": "CANARY\u202e"})
    assert "CANARY" not in str(wrong.value)


def test_texts_name_nobody_and_are_short() -> None:
    texts: TypeAdapter[str] = TypeAdapter(PublicText)
    assert texts.validate_python("Two\r\nlines ") == "Two lines"
    for wrong in ("x" * 401, "call 081 234 5678", ""):
        with pytest.raises(ValidationError):
            texts.validate_python(wrong)


def test_a_text_is_said_in_the_readers_language_else_in_english_else_in_any() -> None:
    page = PublicPage(True, {"": {"th": "ก", "en": "a"}, "bo-taen.baci": {"lo": "ກ"}})
    assert page.text("", "th") == ("ก", "th")
    assert page.text("", "lo") == ("a", "en")
    assert page.text("bo-taen.baci", "en") == ("ກ", "lo")
    assert page.text("bo-taen.tad-ham", "en") is None


def test_a_crossing_says_once_what_holds_on_every_day() -> None:
    crossing = next(each for each in data.crossings().crossings if each.id == "na-kraseng")
    assert hours_of(crossing) == [((), "08:00–18:00")]


def test_many_who_look_at_once_ask_the_services_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when nobody answers; and the next one asks anew."""
    asked: list[bool] = []

    class Slow:
        def __init__(self, *_: object) -> None:
            """Whoever asks."""

        async def send(self, _: object) -> Several[CommunityProfile]:
            asked.append(True)
            await asyncio.sleep(0.01)
            if len(asked) == 1:
                raise Unavailable(refusal(No.UNAVAILABLE, "too_many_at_once"))
            return Several[CommunityProfile](items=(OFFERING.community,))

    monkeypatch.setattr(public_book, "BusClient", Slow)

    async def story() -> None:
        book = public_book.PublicBook(cast(Any, None), Directory())
        said = await asyncio.gather(*(book.profiles(["bo-taen"]) for _ in range(50)), return_exceptions=True)
        assert {type(each) for each in said} == {Unavailable}
        found = await asyncio.gather(*(book.profiles(["bo-taen"]) for _ in range(50)))
        assert {each.id for (each,) in found} == {"bo-taen"}

    asyncio.run(story())
    assert len(asked) == 2


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Query[Any]]:
    """What the community service is asked, where each community offers two things."""
    heard: list[Query[Any]] = []

    class Answering:
        def __init__(self, *_: object) -> None:
            """Whoever asks."""

        async def send(self, query: Query[Any]) -> Any:
            heard.append(query)
            if isinstance(query, FindCommunities):
                return Several[CommunityProfile](items=tuple(map(profile, query.ids or ())))
            assert isinstance(query, FindExperiences)
            ids = [f"{each}.x{n:02}" for each in query.communities or () for n in range(2)]
            behind = [each for each in ids if each > (query.after or "")][: query.limit]
            first = OFFERING.experiences[0]
            return Several[Experience](
                items=tuple(first.model_copy(update={"id": each, "demo": False}) for each in behind)
            )

    monkeypatch.setattr(public_book, "BusClient", Answering)
    return heard


def profile(community: str) -> CommunityProfile:
    return OFFERING.community.model_copy(update={"id": community, "demo": False})


class OpenTo:
    """A request for a page of a portal on which so many communities show themselves; counts what is asked of tables."""

    def __init__(self, count: int) -> None:
        self.communities = [f"c{n:04}" for n in range(count)]
        self.book = public_book.PublicBook(cast(Any, None), Directory())
        self.fetched = 0
        self.site = self.store = self
        self.phrases = Phrases.of("en")
        self.request = Request({"type": "http", "query_string": b"", "headers": []})
        self.rendered: dict[str, Any] = {}

    @asynccontextmanager
    async def work(self, *_: object, **__: object) -> AsyncIterator["OpenTo"]:
        yield self

    async def shown_communities(self) -> list[str]:
        self.fetched += 1
        return self.communities

    async def shown_texts(self) -> dict[str, dict[str, str]]:
        self.fetched += 1
        return {each: {"en": each} for each in self.communities}

    def address(self, _: object) -> str:
        return "https://example.org"

    def render(self, _: str, **values: Any) -> Response:
        self.rendered = values
        return Response("x" * 1000)


@pytest.mark.parametrize("count", [1, 50, 200])
def test_the_list_asks_once_for_all(asked: list[Query[Any]], count: int) -> None:
    site = OpenTo(count)
    asyncio.run(public.all_of_them(cast(Any, site)))
    assert (len(asked), site.fetched) == (1, 1)
    listed = [each.id for each in site.rendered["profiles"]]
    assert listed == site.communities[: public.MOST_LISTED]
    assert site.rendered["last"] == (listed[-1] if count > len(listed) else "")


@pytest.mark.parametrize("count", [1, 50, 200])
def test_the_sitemap_asks_for_names_once_and_for_offers_once(asked: list[Query[Any]], count: int) -> None:
    site = OpenTo(count)
    found = asyncio.run(public.sitemap(cast(Any, site)))
    assert site.fetched == 1
    assert [type(each) for each in asked] == [FindCommunities, FindExperiences]
    assert bytes(found.body).count(b"<url>") == 3 * (1 + 3 * count)


def test_very_many_are_asked_for_in_pages(asked: list[Query[Any]]) -> None:
    site = OpenTo(450)
    found = asyncio.run(site.book.experiences(site.communities))
    assert [each.id for each in found] == [f"{each}.x{n:02}" for each in site.communities for n in range(2)]
    assert len(asked) == 3
    assert [len(cast(FindExperiences, each).communities or ()) for each in asked] == [200, 200, 50]


def test_a_long_answer_is_read_to_its_end(asked: list[Query[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_book, "LINES", 7)
    site = OpenTo(10)
    found = asyncio.run(site.book.experiences(site.communities))
    assert [each.id for each in found] == [f"{each}.x{n:02}" for each in site.communities for n in range(2)]
    assert len(asked) == 3
