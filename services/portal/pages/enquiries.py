"""A stranger asks a community on its public page; its coordinators read that, answer elsewhere, and it is erased."""

from __future__ import annotations

import re

from starlette.responses import Response

from contracts.personal.v1 import ReadPersonalPart
from services.chassis.messaging.store import Store
from services.client import formatting
from services.portal.adapters.unit_of_work import PortalUnitOfWork
from services.portal.domain.enquiries import KEPT, Asker, Contact, Enquiry, Question
from services.portal.domain.public import ITSELF
from services.portal.handlers import enquiries
from services.portal.pages import public
from services.portal.site import asking
from services.portal.site.context import PageContext, machine_now
from services.portal.site.forms import Form
from services.portal.site.portal_site import PageRoute
from services.portal.site.public_site import gone, in_each_language

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Asked(Form):
    """What a stranger fills in; `website` is seen by nobody, and filled in by machines only."""

    contact: Contact
    question: Question
    website: str = ""


async def ask(page: PageContext) -> Response:
    """Keep a question, or say why not; whoever was caught by what nobody sees is told nothing."""
    found = await public.look(page)
    offered = public.offered_at(page, found) if found else None
    vault = page.site.store.vault
    if found is None or vault is None or ("experience" in page.request.path_params and offered is None):
        return gone(page)
    filled = page.read(Asked)
    wrong, now = dict(filled.wrong), machine_now()
    if not asking.is_token(vault, found.id, str(page.data.get("token", "")), now):
        wrong.setdefault("", page.phrases.gettext("This page was open for a long time. Please send it once more."))
    if filled.value is None or wrong:
        return public.render(page, found, offered, status=422, typed=filled.typed, wrong=wrong)
    about = offered.id if offered else ITSELF
    if not filled.value.website and not await _kept(page, found.id, about, filled.value):
        wrong = {"": page.phrases.gettext("Too many questions have come from here. Try again in an hour.")}
        return public.render(page, found, offered, status=429, typed=filled.typed, wrong=wrong)
    return page.redirect(f"/{page.phrases.language}{found.path(about)}?sent=1#ask")


async def _kept(page: PageContext, community: str, about: str, said: Asked) -> bool:
    vault = page.site.store.vault
    assert vault is not None
    asker = Asker(contact=said.contact, question=said.question)
    day = f"{machine_now():%Y-%m-%d}"
    id_ = asking.id_of(vault, community, about, asker.contact, asker.question, day)
    address = asking.digest(vault, "address", page.place)
    async with page.site.store.work(community) as work:
        enquiry = Enquiry(id=id_, about=about, language=page.phrases.language, asked_at=work.now)
        to = asking.digest(vault, "community", community)
        return await enquiries.ask(work, community, enquiry, asker, address=address, to=to)


async def waiting(page: PageContext) -> Response:
    """What waits for an answer: when it was asked and about what, nothing personal."""
    async with page.site.store.work(page.community, readonly=True) as work:
        found = await enquiries.waiting(work, page.community)
    return page.render("enquiries.html", found=found, known=await page.known(), kept=KEPT.days)


async def count(page: PageContext) -> int:
    """How many wait for an answer; none for those who may not read them."""
    if not page.may(ReadPersonalPart):
        return 0
    async with page.site.store.work(page.community, readonly=True) as work:
        return await enquiries.count(work, page.community)


async def read(page: PageContext) -> Response:
    """One question with who asks it; that it was read stands in the audit."""
    id_ = page.request.path_params["id"]
    found = None
    if _UUID.fullmatch(id_):
        async with _store(page).work(page.community) as work:
            found = await enquiries.read(work, page.community, id_)
    if found is None:
        return page.redirect("/enquiries")
    enquiry, asker = found
    spoken = formatting.language_name(page.phrases, enquiry.language)
    return page.render("enquiry.html", enquiry=enquiry, asker=asker, spoken=spoken, known=await page.known())


async def answered(page: PageContext) -> Response:
    """It is answered: erase it."""
    id_ = page.request.path_params["id"]
    if _UUID.fullmatch(id_):
        async with _store(page).work(page.community) as work:
            await enquiries.answered(work, page.community, id_)
    return page.redirect("/enquiries")


def _store(page: PageContext) -> Store[PortalUnitOfWork]:
    """The portal's tables, whose audit names who is signed in."""
    return page.site.store.acted_by(page.client.principal)


#: Whoever may read what a traveller has allowed may read what one asks.
PAGES = (
    PageRoute("GET", "/enquiries", waiting, asks=ReadPersonalPart),
    PageRoute("POST", "/enquiries/{id}", read, asks=ReadPersonalPart),
    PageRoute("POST", "/enquiries/{id}/done", answered, asks=ReadPersonalPart),
)
PUBLIC = (
    *in_each_language("/{community}", ask, "POST"),
    *in_each_language("/{community}/{experience}", ask, "POST"),
)
