"""Draws a photo anew: upright, small, and without anything that its file said beside what is to be seen.

What is kept is never the file that was sent: not where it was taken, nor when, with what, by whom.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from services.chassis.runtime.threads import in_thread

__all__ = ["Drawn", "NoPhoto", "drawn"]

#: Read before a thread needs them.
_PLUGINS = JpegImagePlugin, PngImagePlugin, WebPImagePlugin
MOST_BYTES, MOST_SENT = 60 * 1024, 8 * 1024 * 1024
LONGEST_SIDE, SHORTEST_SIDE = 1200, 200
#: Dots that a file may have. A JPEG is read smaller than it is, so that a large one does no harm.
MOST_DOTS = {"JPEG": 64_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}
_QUALITIES = (80, 70, 60, 50)
Why = Literal["no_photo", "photo_too_large", "photo_too_small", "photo_missing"]


class NoPhoto(Exception):
    """What was sent is no photo that can be shown; `why` is a code."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


@dataclass(frozen=True)
class Drawn:
    """A JPEG that is ours alone."""

    body: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        """What its address is made of."""
        return hashlib.sha256(self.body).hexdigest()[:32]


async def drawn(sent: bytes) -> Drawn:
    """The photo as it is kept, drawn in a thread of its own. Raises NoPhoto."""
    return await in_thread(drawn_anew, sent)


def drawn_anew(sent: bytes) -> Drawn:
    """The same, here and now. Raises NoPhoto."""
    if len(sent) > MOST_SENT:
        raise NoPhoto("photo_too_large")
    try:
        photo = _upright(sent)
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError) as problem:
        raise NoPhoto("no_photo") from problem  # a file that is broken, or made to break the reader
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as problem:
        raise NoPhoto("photo_too_large") from problem
    return _small(photo)


def _upright(sent: bytes) -> Image.Image:
    """What is to be seen, as the phone was held, and nothing of the file else."""
    with Image.open(io.BytesIO(sent), formats=tuple(MOST_DOTS)) as file:
        if file.width * file.height > MOST_DOTS[file.format or "PNG"]:
            raise NoPhoto("photo_too_large")
        if min(file.size) < SHORTEST_SIDE:
            raise NoPhoto("photo_too_small")
        file.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))
        shown = ImageOps.exif_transpose(file)
        shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        clean = Image.new("RGB", shown.size, "white")
        seen = shown.convert("RGBA")
        clean.paste(seen, mask=seen.getchannel("A"))
    return clean


def _small(photo: Image.Image) -> Drawn:
    """As good as fits; a photo of leaves and grass becomes smaller before it becomes bad."""
    while True:
        for quality in _QUALITIES:
            kept = io.BytesIO()
            photo.save(kept, "JPEG", quality=quality, optimize=True, progressive=True)
            if kept.tell() <= MOST_BYTES:
                return Drawn(kept.getvalue(), *photo.size)
        photo = photo.resize((photo.width * 4 // 5, photo.height * 4 // 5), Image.Resampling.LANCZOS)
