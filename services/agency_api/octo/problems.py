"""OCTO's errors, which end an operation with nothing done."""

from __future__ import annotations

from http import HTTPStatus

from services.agency_api.site.problem import OctoProblem


def bad_request(message: str) -> OctoProblem:
    """The request cannot be read, or lacks something; the message names the field."""
    return OctoProblem("BAD_REQUEST", message)


def unprocessable(message: str) -> OctoProblem:
    """It can be read, but not done."""
    return OctoProblem("UNPROCESSABLE_ENTITY", message)


def forbidden(message: str) -> OctoProblem:
    """The key opens nothing, or not this."""
    return OctoProblem("FORBIDDEN", message, HTTPStatus.FORBIDDEN)


def unknown_product(given: str) -> OctoProblem:
    """No such product, or of a community without an agreement: the two answer alike."""
    return OctoProblem("INVALID_PRODUCT_ID", "There is no such product: GET /products lists yours", product_id=given)


def unknown_option(given: str) -> OctoProblem:
    """The product has no such option."""
    message = "The product has no such option: GET /products/{id} lists its options"
    return OctoProblem("INVALID_OPTION_ID", message, option_id=given)


def unknown_unit(given: str) -> OctoProblem:
    """The option has no such unit."""
    return OctoProblem("INVALID_UNIT_ID", "The option has no such unit: see units of the option", unit_id=given)


def repeated_unit(given: str) -> OctoProblem:
    """A unit is counted in two lines."""
    return OctoProblem("BAD_REQUEST", "units: give each unit once, with its whole quantity", unit_id=given)


def unknown_availability(given: str) -> OctoProblem:
    """No start has this id."""
    message = "There is no such start: POST /availability gives the ids"
    return OctoProblem("INVALID_AVAILABILITY_ID", message, availability_id=given)


def unknown_booking(given: str, message: str = "You have no booking with this uuid") -> OctoProblem:
    """No booking of this agency, or one that cannot be confirmed any more."""
    return OctoProblem("INVALID_BOOKING_UUID", message, uuid=given)
