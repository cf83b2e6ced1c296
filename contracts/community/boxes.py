"""In which rough box each ISO 3166-2 subdivision lies, so that a place that bears another's name is noticed.

Edges in degrees WGS 84, read off general maps and widened by about 10 km; neighbours overlap. A box proves nothing: it
catches Boten (LA-LM, at the Chinese border) given for Bo Taen (LA-XA, 400 km south), swapped figures, a wrong sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Box(NamedTuple):
    """An area of a map; all edges belong to it."""

    name: str
    south: float
    west: float
    north: float
    east: float

    def holds(self, lat: float, lon: float) -> bool:
        """Whether the point lies in the box."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


#: What an unlisted subdivision is judged by.
COUNTRIES: Mapping[str, Box] = {
    "TH": Box("Thailand", 5.50, 97.20, 20.60, 105.80),
    "LA": Box("Lao PDR", 13.80, 99.95, 22.60, 107.80),
}
SUBDIVISIONS: Mapping[str, Box] = {
    "LA-BK": Box("Bokeo", 19.75, 99.95, 21.05, 101.30),
    "LA-LM": Box("Luang Namtha", 20.35, 100.40, 21.75, 102.00),
    "LA-LP": Box("Luang Prabang", 18.90, 101.45, 21.30, 103.55),
    "LA-OU": Box("Oudomxay", 19.75, 100.85, 21.35, 102.45),
    "LA-VI": Box("Vientiane province", 17.80, 101.40, 19.60, 103.30),
    "LA-VT": Box("Vientiane capital", 17.65, 102.00, 18.70, 103.50),
    "LA-XA": Box("Xaignabouli", 17.30, 100.30, 20.10, 102.10),
    "TH-20": Box("Chon Buri", 12.40, 100.60, 13.70, 101.85),
    "TH-23": Box("Trat", 11.40, 102.05, 12.90, 103.00),
    "TH-42": Box("Loei", 16.60, 100.70, 18.30, 102.30),
    "TH-50": Box("Chiang Mai", 17.10, 97.95, 20.25, 99.70),
    "TH-53": Box("Uttaradit", 17.05, 99.75, 18.55, 101.30),
    "TH-55": Box("Nan", 17.90, 100.20, 19.75, 101.50),
    "TH-62": Box("Kamphaeng Phet", 15.70, 98.85, 17.05, 100.15),
    "TH-64": Box("Sukhothai", 16.55, 99.05, 17.90, 100.20),
    "TH-S": Box("Pattaya", 12.70, 100.70, 13.10, 101.10),
}


def misplaced(subdivision: str, lat: float, lon: float) -> tuple[str, tuple[str, ...]] | None:
    """Where a point should lie, by name, and the subdivisions that hold it, when that is not where it lies."""
    expected = SUBDIVISIONS.get(subdivision) or COUNTRIES[subdivision[:2]]
    if expected.holds(lat, lon):
        return None
    return expected.name, tuple(f"{code} ({box.name})" for code, box in SUBDIVISIONS.items() if box.holds(lat, lon))
