"""Bodies as the standard writes them, small and whole, for tests of the tests."""

from copy import deepcopy
from typing import Any

Body = dict[str, Any]
BOOKING_UUID, ITEM_UUID = "5f0f3a52-6c02-4d38-9b69-4d6b6a3f1a01", "5f0f3a52-6c02-4d38-9b69-4d6b6a3f1a02"
PRICING: Body = {
    "original": 50000, "retail": 50000, "net": 40000, "currency": "THB", "currencyPrecision": 2, "includedTaxes": [],
}  # fmt: skip
CONTACT: Body = dict.fromkeys(
    ("fullName", "firstName", "lastName", "emailAddress", "phoneNumber", "postalCode", "country", "notes")
) | {"locales": []}
UNIT: Body = {
    "id": "adult", "internalName": "Adult", "reference": None, "type": "ADULT", "requiredContactFields": [],
    "restrictions": {
        "minAge": 12, "maxAge": 120, "idRequired": False, "minQuantity": None, "maxQuantity": None, "paxCount": 1,
        "accompaniedBy": [],
    },
}  # fmt: skip
OPTION: Body = {
    "id": "1-night", "default": True, "internalName": "1 night", "reference": None,
    "availabilityLocalStartTimes": ["14:00"], "cancellationCutoff": "until a day before: all of it",
    "cancellationCutoffAmount": 24, "cancellationCutoffUnit": "hour", "requiredContactFields": ["lastName"],
    "restrictions": {"minUnits": 1, "maxUnits": None}, "units": [UNIT],
}  # fmt: skip
PRODUCT: Body = {
    "id": "homestay", "internalName": "Homestay", "reference": None, "locale": "en", "timeZone": "Asia/Bangkok",
    "allowFreesale": False, "instantConfirmation": True, "instantDelivery": True, "availabilityRequired": True,
    "availabilityType": "START_TIME", "deliveryFormats": ["QRCODE"], "deliveryMethods": ["VOUCHER"],
    "redemptionMethod": "DIGITAL", "options": [OPTION],
}  # fmt: skip
SUPPLIER: Body = {
    "id": "bo-taen", "name": "Bo Taen", "endpoint": "https://handoff.example/octo",
    "contact": {"website": None, "email": "office@handoff.example", "telephone": None, "address": None},
}  # fmt: skip
DAY: Body = {
    "localDate": "2027-01-10", "available": True, "status": "AVAILABLE", "vacancies": 6, "capacity": 8,
    "openingHours": [],
}  # fmt: skip
AVAILABILITY: Body = {
    "id": "2027-01-10T14:00:00+07:00", "localDateTimeStart": "2027-01-10T14:00:00+07:00",
    "localDateTimeEnd": "2027-01-11T11:00:00+07:00", "utcCutoffAt": "2027-01-09T07:00:00Z", "allDay": False,
    "available": True, "status": "AVAILABLE", "vacancies": 6, "capacity": 8, "maxUnits": None, "openingHours": [],
}  # fmt: skip
ITEM: Body = {
    "uuid": ITEM_UUID, "resellerReference": None, "supplierReference": None, "unitId": "adult", "unit": UNIT,
    "status": "ON_HOLD", "utcRedeemedAt": None, "contact": CONTACT, "ticket": None,
}  # fmt: skip
BOOKING: Body = {
    "id": BOOKING_UUID, "uuid": BOOKING_UUID, "testMode": False, "resellerReference": None, "supplierReference": "BT-1",
    "status": "ON_HOLD", "utcCreatedAt": "2027-01-04T02:00:00Z", "utcUpdatedAt": "2027-01-04T02:00:00Z",
    "utcExpiresAt": "2027-01-04T02:30:00Z", "utcRedeemedAt": None, "utcConfirmedAt": None, "productId": "homestay",
    "product": PRODUCT, "optionId": "1-night", "option": OPTION, "cancellable": True, "cancellation": None,
    "freesale": False, "availabilityId": AVAILABILITY["id"], "availability": AVAILABILITY, "contact": CONTACT,
    "notes": None, "deliveryMethods": ["VOUCHER"], "unitItems": [ITEM],
    "voucher": {
        "redemptionMethod": "DIGITAL", "utcRedeemedAt": None,
        "deliveryOptions": [{"deliveryFormat": "QRCODE", "deliveryValue": "HC1:"}],
    },
}  # fmt: skip
CAPABILITY: Body = {"id": "octo/pricing", "revision": 1, "required": False, "dependencies": [], "docs": None}
#: What each operation answers, with no capability on.
ANSWERS: dict[str, Any] = {
    "supplier": SUPPLIER,
    "products": [PRODUCT],
    "product": PRODUCT,
    "calendar": [DAY],
    "availability": [AVAILABILITY],
    "capabilities": [CAPABILITY],
    "bookings": [BOOKING],
} | dict.fromkeys(("reserve", "extend", "confirm", "update", "cancel", "booking"), BOOKING)


def changed(body: Any, path: str, value: Any = ...) -> Any:
    """A copy in which what is at `path`, such as `options.0.id`, is another value, or missing."""
    copy = deepcopy(body)
    *before, last = (int(part) if part.isdigit() else part for part in path.split("."))
    inside = copy
    for part in before:
        inside = inside[part]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    return copy
