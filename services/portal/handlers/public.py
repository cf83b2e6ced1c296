"""What a community shows to everybody: switching it on, texts, photos."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.refusals import No, Refused
from services.portal.domain.public import MOST_PHOTOS, Photo
from services.portal.ports.public import PublicPages


async def show_page(work: PublicPages, community: str, shown: bool) -> None:
    """Switch the page of a community on or off."""
    if (await work.public_page(community)).shown == shown:
        return
    await work.show_page(community, shown, work.now)
    work.audit(community, "show_public_page" if shown else "hide_public_page", community)


async def say_texts(work: PublicPages, community: str, about: str, texts: Mapping[str, str]) -> None:
    """What is said about the community or an experience, by language."""
    await work.say_texts(community, about, texts)
    work.audit(community, "write_public_text", about or community)


async def add_photo(work: PublicPages, community: str, photo: Photo, body: bytes) -> None:
    """Keep a photo. Raises Refused when there are enough of it already."""
    await work.lock_photos(community)
    before = (await work.public_page(community)).photos_of(photo.about)
    if len(before) >= MOST_PHOTOS and all(each.digest != photo.digest for each in before):
        raise Refused(No.CONFLICT, "photos_enough", "photo", most=MOST_PHOTOS)
    await work.add_photo(community, photo, body, work.now)
    work.audit(community, "add_photo", photo.about or community)


async def remove_photo(work: PublicPages, community: str, photo: str) -> None:
    """Delete a photo; one that is gone already is no mistake."""
    if await work.remove_photo(community, photo):
        work.audit(community, "remove_photo", photo)
