"""What a community shows to everybody, as its coordinator decides: on or off, texts, photos."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from starlette.datastructures import UploadFile
from starlette.responses import Response

from contracts import refusals
from contracts.community.v1 import PublishOffering
from services.chassis.messaging.store import Store
from services.chassis.runtime.ids import new_id
from services.client.phrases.catalogue import LANGUAGES, N_, Phrase
from services.client.refusals import told
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.domain.public import ITSELF, MOST_PHOTOS, AltText, Photo, PublicText
from services.portal.handlers import public
from services.portal.site import bodies, photographs
from services.portal.site.context import PageContext
from services.portal.site.forms import Form
from services.portal.site.photographs import MOST_SENT, NoPhoto
from services.portal.site.portal_site import PageRoute

_HERE = "/community/public"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: Why a file is not taken as a photo.
NO_PHOTO: dict[str, Phrase] = {
    "no_photo": N_("This is no photo that can be read here. Take one with the phone, or choose a JPEG, PNG or WebP."),
    "photo_too_large": N_("This photo is too large. Choose a smaller one."),
    "photo_too_small": N_("This photo is too small: it would be blurred. Choose a larger one."),
    "photo_missing": N_("Choose a photo first."),
}


class Texts(Form):
    """What is said, in each language that has something."""

    th: PublicText | None = None
    lo: PublicText | None = None
    en: PublicText | None = None
    shown: bool = False

    @property
    def by_language(self) -> dict[str, str]:
        """Those that say something."""
        said = {language: getattr(self, language) for language in LANGUAGES}
        return {language: text for language, text in said.items() if text}


class Described(Form):
    """What is to be seen on a photo, for who cannot see it."""

    alt: AltText


async def show(page: PageContext) -> Response:
    """The page of the community, as it is written."""
    return await _rendered(page, ITSELF)


async def show_experience(page: PageContext) -> Response:
    """One of its experiences."""
    about = await _about(page)
    return await _rendered(page, about) if about else _gone(page)


async def save(page: PageContext) -> Response:
    """Switch it on or off, and keep the texts."""
    filled = page.read(Texts)
    if filled.value is None:
        return await _rendered(page, ITSELF, status=422, typed=filled.typed, wrong=filled.wrong)
    async with _store(page).work(page.community) as work:
        await public.say_texts(work, page.community, ITSELF, filled.value.by_language)
        await public.show_page(work, page.community, filled.value.shown)
    return page.redirect(f"{_HERE}?saved=1")


async def save_experience(page: PageContext) -> Response:
    """Keep the texts of an experience."""
    about, filled = await _about(page), page.read(Texts)
    if not about:
        return _gone(page)
    if filled.value is None:
        return await _rendered(page, about, status=422, typed=filled.typed, wrong=filled.wrong)
    async with _store(page).work(page.community) as work:
        await public.say_texts(work, page.community, about, filled.value.by_language)
    return page.redirect(f"{_path(about)}?saved=1")


async def add_photo(page: PageContext) -> Response:
    """Keep a photo of the community or of an experience."""
    about, filled = await _about(page), page.read(Described)
    if about is None:
        return _gone(page)
    wrong = dict(filled.wrong)
    try:
        drawn = await photographs.drawn(await _sent(page))
    except NoPhoto as problem:
        wrong["photo"] = str(page.phrases.say(NO_PHOTO[problem.why]))
    if wrong or filled.value is None:
        return await _rendered(page, about, status=422, described=filled.typed, wrong=wrong)
    photo = Photo(
        id=new_id(), about=about, digest=drawn.digest, alt=filled.value.alt,
        language=page.phrases.language, width=drawn.width, height=drawn.height,
    )  # fmt: skip
    try:
        async with _store(page).work(page.community) as work:
            await public.add_photo(work, page.community, photo, drawn.body)
    except refusals.Refused as no:
        said = told(page.phrases, no.refusal)
        return await _rendered(page, about, status=409, described=filled.typed, wrong={"photo": said})
    return page.redirect(f"{_path(about)}?saved=1#photos")


async def ask_remove(page: PageContext) -> Response:
    """Which photo goes, before it does."""
    photo = await _photo(page)
    return page.render("photo_remove.html", photo=photo, back=_path(photo.about)) if photo else _gone(page)


async def remove(page: PageContext) -> Response:
    """Delete a photo."""
    photo = await _photo(page)
    if photo is None:
        return page.redirect(_HERE)
    async with _store(page).work(page.community) as work:
        await public.remove_photo(work, page.community, photo.id)
    return page.redirect(f"{_path(photo.about)}?saved=1#photos")


async def seen(page: PageContext) -> Response:
    """A photo of the own community, also while its page is not shown."""
    async with page.site.store.work(page.community, readonly=True) as work:
        body = await work.own_photo(page.community, page.request.path_params["digest"])
    if body is None:
        return _gone(page)
    return Response(body, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


async def _rendered(page: PageContext, about: str, *, status: int = 200, **values: Any) -> Response:
    known = await page.known()
    async with page.site.store.work(page.community, readonly=True) as work:
        written = await work.public_page(page.community)
    own = known.own
    marks = {
        "known": known,
        "about": about,
        "here": _path(about),
        "written": written,
        "photos": written.photos_of(about),
        "texts": written.texts.get(about, {}),
        "experiences": own.experiences if own and about == ITSELF else (),
        "most_photos": MOST_PHOTOS,
        "described": {},
        "is_saved": "saved" in page.request.query_params,
    }
    return page.render("public_edit.html", status=status, **(marks | values))


async def _about(page: PageContext) -> str | None:
    """What this address is about: the community itself, one of its experiences, or None: nothing of theirs."""
    slug = page.request.path_params.get("experience")
    if slug is None:
        return ITSELF
    wanted = f"{page.community}.{slug}"
    return wanted if (await page.known()).experience(wanted) else None


async def _photo(page: PageContext) -> Photo | None:
    id_ = page.request.path_params["id"]
    if not _UUID.fullmatch(id_):
        return None
    async with page.site.store.work(page.community, readonly=True) as work:
        photos = (await work.public_page(page.community)).photos
    return next((photo for photo in photos if photo.id == id_), None)


async def _sent(page: PageContext) -> bytes:
    sent = page.data.get("photo")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise NoPhoto("photo_missing")
    return await sent.read(MOST_SENT + 1)


def _path(about: str) -> str:
    return f"{_HERE}/{about.partition('.')[2]}" if about else _HERE


def _store(page: PageContext) -> Store[PortalUnitOfWork]:
    """The portal's tables, whose audit names who is signed in."""
    return page.site.store.acted_by(page.client.principal)


def _gone(page: PageContext) -> Response:
    return page.render("error.html", status=404, what="gone")


def _page(method: Literal["GET", "POST"], path: str, show: Callable[[PageContext], Awaitable[Response]]) -> PageRoute:
    """Whoever may say what a community offers may show it."""
    most = bodies.PHOTOS if show is add_photo else bodies.WORDS
    return PageRoute(method, path, show, asks=PublishOffering, most_bytes=most)


PAGES = (
    _page("GET", _HERE, show),
    _page("POST", _HERE, save),
    _page("GET", f"{_HERE}/{{experience}}", show_experience),
    _page("POST", f"{_HERE}/{{experience}}", save_experience),
    _page("POST", "/community/photos", add_photo),
    _page("POST", "/community/photos/of/{experience}", add_photo),
    _page("GET", "/community/photos/{id}/remove", ask_remove),
    _page("POST", "/community/photos/{id}/remove", remove),
    _page("GET", "/community/photos/{digest}.jpg", seen),
)
