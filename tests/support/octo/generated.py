"""Books with a client that openapi-python-client has made: `python generated.py FOLDER URL KEY`, FOLDER holding `made`.

Says on one line each how the booking stands. A program of its own, as what is generated is another for each document.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

#: The stay that is booked.
PRODUCT, OPTION, DAYS = "bo-taen.homestay", "1-night", ("2027-03-02", "2027-03-03")


def operation(group: str, name: str) -> Callable[..., Any]:
    """The function of an operation, by its id in the document."""
    sync: Callable[..., Any] = import_module(f"made.api.{group}.{name}").sync
    return sync


def book(client: Any) -> None:
    """Find a start, hold it, confirm and cancel."""
    models = import_module("made.models")
    asked = models.AskedAvailability.from_dict(
        {"productId": PRODUCT, "optionId": OPTION, "localDateStart": DAYS[0], "localDateEnd": DAYS[1]}
    )
    starts = operation("availability", "post_availability")(client=client, body=asked)
    guests = [{"unitId": "adult"}, {"unitId": "adult"}]
    wish = {"productId": PRODUCT, "optionId": OPTION, "availabilityId": starts[0].id, "unitItems": guests}
    held = operation("bookings", "post_booking")(client=client, body=models.Reserve.from_dict(wish))
    print(held.status, held.product.options[0].id, len(held.unit_items))
    contact = models.Confirm.from_dict({"contact": {"fullName": "Anna Example"}, "resellerReference": "MADE-1"})
    confirmed = operation("bookings", "post_confirm")(held.uuid, client=client, body=contact)
    print(confirmed.status, confirmed.reseller_reference, confirmed.contact.to_dict()["fullName"])
    cancelled = operation("bookings", "post_cancel")(held.uuid, client=client, body=models.Cancel.from_dict({}))
    print(cancelled.status, cancelled.cancellation.refund)
    unknown = operation("bookings", "get_booking")(cancelled.unit_items[0].uuid, client=client)
    print(unknown.error)


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    with import_module("made").AuthenticatedClient(base_url=sys.argv[2], token=sys.argv[3]) as signed_in:
        book(signed_in)
