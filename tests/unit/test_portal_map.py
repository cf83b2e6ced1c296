"""The drawn map: north up, equal scale, names whole and never over one another."""

import itertools

import pytest

from services.portal.domain.map import MARGIN_SIDE, WIDTH, Box, Line, Place, Sheet, sheet, width_of
from services.portal.site import maps, writing


def place(id_: str, lat: float, lon: float, name: str = "", kind: str = "community") -> Place:
    return Place(id=id_, name=name or id_, kind="crossing" if kind == "crossing" else "community", lat=lat, lon=lon)


VALLEY = [
    place("bo-taen", 17.66, 101.20, "Bo Taen (Botene) community"),
    place("tha-li", 17.63, 101.42, "Tha Li community"),
    place("kok-sathon", 17.25, 101.10, "Kok Sathon community"),
    place("na-kraseng", 17.687, 101.374, "Na Kraseng – Nam Heuang Friendship Bridge", "crossing"),
]


def at(drawn: Sheet, id_: str) -> tuple[float, float]:
    mark = drawn.mark(id_)
    assert mark is not None
    return mark.x, mark.y


def overlapping(drawn: Sheet) -> list[tuple[Box, Box]]:
    labels = [mark.label for mark in drawn.marks if mark.label]
    return [(one, other) for one, other in itertools.combinations(labels, 2) if one.meets(other)]


def test_north_is_up_and_east_is_right() -> None:
    drawn = sheet(VALLEY)
    assert at(drawn, "kok-sathon")[1] > at(drawn, "tha-li")[1] > at(drawn, "na-kraseng")[1]
    assert at(drawn, "bo-taen")[0] < at(drawn, "tha-li")[0]


def test_a_kilometre_is_as_long_both_ways() -> None:
    # 0.1° of latitude is as long as 0.1°/cos(60°) = 0.2° of longitude there.
    drawn = sheet([place("a", 60.0, 100.0), place("b", 60.1, 100.0), place("c", 60.05, 100.2)])
    north_south = abs(at(drawn, "a")[1] - at(drawn, "b")[1])
    west_east = abs(at(drawn, "a")[0] - at(drawn, "c")[0])
    assert west_east == pytest.approx(north_south, rel=0.01)


@pytest.mark.parametrize("places", [VALLEY, VALLEY[:2], VALLEY[:1], [VALLEY[0], place("twin", 17.66, 101.20)]])
def test_everything_lies_on_the_sheet_and_no_name_over_another(places: list[Place]) -> None:
    drawn = sheet(places)
    assert overlapping(drawn) == []
    for mark in drawn.marks:
        assert MARGIN_SIDE - 1 <= mark.x <= WIDTH - MARGIN_SIDE + 1
        assert mark.label is None or (mark.label.left >= 0 and mark.label.right <= WIDTH)


def test_two_names_that_would_meet_are_found() -> None:
    drawn = sheet(VALLEY)
    box = next(mark.label for mark in drawn.marks if mark.label)
    assert box.meets(Box(box.left + 1, box.top + 1, box.right + 1, box.bottom + 1))


def test_a_name_that_fits_nowhere_gets_a_number() -> None:
    long = place("long", 17.6, 101.3, "A village whose name is longer than any small sheet is wide, and then some")
    drawn = sheet([VALLEY[0], long])
    assert [mark.number for mark in drawn.marks] == [None, 1]
    assert long.name in str(maps.drawn(drawn, [])).split(">")[0]  # said to who does not see it
    assert f">{long.name}<" not in str(maps.drawn(drawn, []))


def test_marks_above_and_below_a_letter_take_no_room() -> None:
    assert width_of("ท่าลี่", "community") == width_of("ทาล", "community")


def test_names_are_text_in_the_drawing() -> None:
    drawn = maps.drawn(sheet([place("a", 17.0, 101.0, "<b>&"), VALLEY[0]]), [["a", "bo-taen"], ["a", "nowhere"]])
    assert "<b>" not in drawn
    assert str(drawn).count('class="rd"') == 1


WAYS = [["bo-taen", "na-kraseng", "tha-li"], ["bo-taen", "na-kraseng", "kok-sathon"]]


def on_a_way(drawn: Sheet) -> list[str]:
    lines = [(at(drawn, one), at(drawn, other)) for way in WAYS for one, other in itertools.pairwise(way)]
    return [mark.place.id for mark in drawn.marks if mark.label and any(map(mark.label.crossed, lines))]


def test_no_way_goes_through_a_name_that_has_room_elsewhere() -> None:
    short = [place(each.id, each.lat, each.lon, writing.short(each.name), each.kind) for each in VALLEY]
    assert on_a_way(sheet(short))
    drawn = sheet(short, WAYS)
    assert on_a_way(drawn) == []
    assert overlapping(drawn) == []


@pytest.mark.parametrize(
    ("line", "through"),
    [
        (((0, 5), (20, 5)), True),
        (((5, 0), (5, 20)), True),
        (((0, 0), (20, 20)), True),
        (((0, 30), (20, 30)), False),
        (((0, 5), (1, 5)), False),
        (((0, 11), (9, 20)), False),
        (((3, 3), (4, 4)), True),
    ],
)
def test_a_line_goes_through_a_box(line: Line, through: bool) -> None:
    assert Box(2, 2, 10, 10).crossed(line) is through


def test_on_a_map_a_place_is_called_as_people_call_it() -> None:
    names = [
        "Bo Taen (Botene) community",
        "Kok Sathon community",
        "Mueang Kao (Old Sukhothai)",
        "ชุมชนตำบลกกสะทอน",
        "ทุ่งนา",
    ]
    assert [writing.short(name) for name in names] == ["Bo Taen", "Kok Sathon", "Mueang Kao", "กกสะทอน", "ทุ่งนา"]
    assert writing.short("ด่านพรมแดนบ้านนากระเซ็ง – สะพานมิตรภาพน้ำเหือง") == "นากระเซ็ง"


def test_villages_in_names_stay_whole() -> None:
    assert writing.place("จุดผ่านแดนถาวรบ้านคกไผ่") == 'จุดผ่านแดนถาวรบ้าน<span class="nb">คกไผ่</span>'
    kept = writing.with_names("โฮมสเตย์บ่อแตน (1 คืน)", ["ชุมชนบ่อแตน"])
    assert kept == 'โฮมสเตย์<span class="nb">บ่อแตน</span> (1\u00a0คืน)'
    assert writing.place("Pak Huai (Tha Li)") == "Pak Huai (Tha Li)"
