"""Photos that people send: only what is to be seen is kept."""

import io

import pytest
from PIL import Image, ImageCms

from services.portal.site import photographs
from services.portal.site.photographs import MOST_BYTES, NoPhoto, drawn_anew

ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F


def sent(photo: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    photo.save(file, kind, **options)
    return file.getvalue()


def of_a_phone(width: int = 900, height: int = 600, orientation: int = 1) -> bytes:
    """A photo with everything that phones write into one; its left half is red, its right half is blue."""
    photo = Image.new("RGB", (width, height), "blue")
    photo.paste("red", (0, 0, width // 2, height))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = orientation, "CANARY maker"
    exif.get_ifd(GPS).update({1: "N", 2: (17.0, 39.0, 36.0), 3: "E", 4: (101.0, 12.0, 0.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return sent(photo, exif=exif, comment=b"CANARY comment", icc_profile=profile)


def test_the_photo_of_these_tests_says_where_it_was_taken() -> None:
    with Image.open(io.BytesIO(of_a_phone())) as photo:
        assert photo.getexif().get_ifd(GPS)[2] == (17.0, 39.0, 36.0)
        assert photo.info["comment"] == b"CANARY comment"


def test_nothing_is_left_of_what_the_file_said() -> None:
    kept = drawn_anew(of_a_phone())
    with Image.open(io.BytesIO(kept.body)) as photo:
        assert dict(photo.getexif()) == {}
        assert not {"exif", "comment", "icc_profile", "xmp", "photoshop"} & photo.info.keys()
    assert b"CANARY" not in kept.body
    assert b"Exif" not in kept.body


def test_it_stands_upright() -> None:
    kept = drawn_anew(of_a_phone(orientation=6))  # turned by a quarter: left becomes top
    assert (kept.width, kept.height) == (600, 900)
    with Image.open(io.BytesIO(kept.body)) as photo:
        top, bottom = photo.getpixel((300, 100)), photo.getpixel((300, 800))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 50 > top[2]
    assert bottom[2] > 200 > 50 > bottom[0]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_even_noise_becomes_small(kind: str) -> None:
    noise = Image.effect_noise((1500, 1100), 90).convert("RGB")
    kept = drawn_anew(sent(noise, kind))
    assert len(kept.body) <= MOST_BYTES
    assert max(kept.width, kept.height) <= photographs.LONGEST_SIDE


def test_what_is_seen_through_is_white() -> None:
    kept = drawn_anew(sent(Image.new("RGBA", (300, 300), (0, 0, 0, 0)), "PNG"))
    with Image.open(io.BytesIO(kept.body)) as photo:
        assert photo.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "no_photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no_photo"),
        (b"GIF89a" + b"\0" * 40, "no_photo"),
        (of_a_phone()[:900], "no_photo"),
        (sent(Image.new("RGB", (300, 300)), "GIF"), "no_photo"),
        (sent(Image.new("RGB", (300, 100))), "photo_too_small"),
        (sent(Image.new("1", (9000, 9000)), "PNG"), "photo_too_large"),
        (sent(Image.new("1", (20000, 20000)), "PNG"), "photo_too_large"),
        (b"\xff" * (photographs.MOST_SENT + 1), "photo_too_large"),
    ],
    ids=["empty", "svg", "not-a-gif", "cut", "gif", "small", "bomb", "large-bomb", "heavy"],
)
def test_what_is_no_photo_is_refused_with_a_reason(file: bytes, why: str) -> None:
    with pytest.raises(NoPhoto) as refused:
        drawn_anew(file)
    assert refused.value.why == why


def test_a_bomb_is_small_until_it_is_read() -> None:
    assert len(sent(Image.new("1", (9000, 9000)), "PNG")) < 100_000
