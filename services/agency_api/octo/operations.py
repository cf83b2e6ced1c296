"""OCTO's thirteen operations, one line of work each; the door has let in whoever asks."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.security import HTTPBearer
from starlette.responses import Response

from services.agency_api.octo import asked, bookings, listing, objects, product_list, reading
from services.agency_api.octo.doing import Done, done, read
from services.agency_api.site.asking import Asking, asking_of
from services.agency_api.site.problem import Problem

Who = Annotated[Asking, Depends(asking_of)]
Uuid = Annotated[str, Path(description="The uuid that you gave the booking when you reserved it")]
ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "An error of OCTO; errorMessage says what to do"},
    401: {"model": Problem, "description": "No key came with it"},
    403: {"model": Problem, "description": "The key is unknown, revoked, over, or not for this"},
    429: {"model": Problem, "description": "TOO_MANY_REQUESTS: ask again after Retry-After seconds"},
    "4XX": {"model": Problem, "description": "Any other mistake of the request"},
    503: {"model": Problem, "description": "Ask again after Retry-After seconds: it is done once"},
}


async def heeded(
    octo_capabilities: Annotated[str | None, Header(description="Such as octo/pricing, octo/content")] = None,
    octo_env: Annotated[str | None, Header(description="test: books nothing")] = None,
    accept_language: Annotated[str | None, Header(description="th, lo or en")] = None,
) -> None:
    """The headers that every operation heeds; the door reads them."""


async def repeatable(
    idempotency_key: Annotated[str | None, Header(description="Makes it safe to repeat for 48 hours")] = None,
) -> None:
    """The header of what is done once for each key; `doing` reads it."""


#: What is said of such an operation.
ONCE: dict[str, Any] = {
    "dependencies": [Depends(repeatable)],
    "responses": {
        409: {"model": Problem, "description": "The first request with this Idempotency-Key is not answered yet"}
    },
}


router = APIRouter(
    prefix="/octo",
    responses=ERRORS,
    dependencies=[Depends(HTTPBearer(auto_error=False, description="prefix.secret")), Depends(heeded)],
)


@router.get("/supplier", response_model=objects.Supplier, tags=["Supplier"])
async def get_supplier(asking: Who) -> Response:
    """Who sells under this base URL."""
    return await read(asking, reading.supplier(asking))


@router.get("/products", response_model=list[objects.Product], tags=["Products"])
async def get_products(asking: Who) -> Response:
    """Everything that you may sell."""
    return await product_list.products(asking)


@router.get("/products/{id}", response_model=objects.Product, tags=["Products"])
async def get_product(asking: Who, id: Annotated[str, Path(alias="id")]) -> Response:  # noqa: A002 - OCTO's name
    """One product."""
    return await read(asking, reading.product(asking, id))


@router.post("/availability/calendar", response_model=list[objects.AvailabilityCalendar], tags=["Availability"])
async def post_calendar(asking: Who, body: asked.AskedCalendar) -> Response:
    """One line for each day: the quick look over many days."""
    return await read(asking, reading.calendar(asking, body))


@router.post("/availability", response_model=list[objects.Availability], tags=["Availability"])
async def post_availability(asking: Who, body: asked.AskedAvailability) -> Response:
    """One line for each start, with the id that a booking asks for."""
    return await read(asking, reading.availability(asking, body))


@router.post("/bookings", response_model=objects.Booking, tags=["Bookings"], **ONCE)
async def post_booking(asking: Who, request: Request, body: asked.Reserve) -> Response:
    """Hold places for 30 minutes, or as long as you say, at most a day."""
    return await done(asking, request, Done(bookings.echo_of(body), bookings.reserve(asking, body)))


@router.get("/bookings", response_model=list[objects.Booking], tags=["Bookings"])
async def get_bookings(asking: Who, filters: Annotated[asked.Filters, Query()]) -> Response:
    """Your bookings by reference or by the day on which they start; the newest 200."""
    return await read(asking, listing.bookings(asking, filters))


@router.get("/bookings/{uuid}", response_model=objects.Booking, tags=["Bookings"])
async def get_booking(asking: Who, uuid: Uuid) -> Response:
    """One of your bookings; contacts and notes are told to the community alone."""
    return await read(asking, bookings.show(asking, uuid))


@router.post("/bookings/{uuid}/extend", response_model=objects.Booking, tags=["Bookings"], **ONCE)
async def post_extend(asking: Who, request: Request, uuid: Uuid, body: asked.Extend) -> Response:
    """Hold on for so many minutes from now."""
    return await done(asking, request, Done(bookings.NO_ECHO, bookings.extend(asking, uuid, body)))


@router.post("/bookings/{uuid}/confirm", response_model=objects.Booking, tags=["Bookings"], **ONCE)
async def post_confirm(asking: Who, request: Request, uuid: Uuid, body: asked.Confirm) -> Response:
    """Make the hold a booking; PENDING where the community is asked first."""
    return await done(asking, request, Done(bookings.echo_of(body), bookings.confirm(asking, uuid, body)))


@router.patch("/bookings/{uuid}", response_model=objects.Booking, tags=["Bookings"], **ONCE)
async def patch_booking(asking: Who, request: Request, uuid: Uuid, body: asked.Change) -> Response:
    """Change what you give and nothing else: all of it, or nothing."""
    return await done(asking, request, Done(bookings.echo_of(body), bookings.change(asking, uuid, body)))


@router.post("/bookings/{uuid}/cancel", response_model=objects.Booking, tags=["Bookings"], **ONCE)
async def post_cancel(asking: Who, request: Request, uuid: Uuid, body: asked.Cancel | None = None) -> Response:
    """Give the places back; how much is refunded follows from the option's cancellation rule."""
    wanted = body or asked.Cancel()
    return await done(asking, request, Done(bookings.echo_of(wanted), bookings.cancel(asking, uuid, wanted)))


@router.get("/capabilities", response_model=list[objects.CapabilityView], tags=["Capabilities"])
async def get_capabilities(asking: Who) -> Response:
    """What this API adds to OCTO's core."""
    return await read(asking, reading.capabilities(asking))
