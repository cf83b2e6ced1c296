"""Named queries in `.sql` files, each with a line that says what it is for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_NAME = re.compile(r"^-- name: ([a-z0-9_]+)\n", re.MULTILINE)


class Queries(Mapping[str, str]):
    """The named queries of one file, or of several put together; names are unique."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(texts)

    @classmethod
    def load(cls, *paths: Path) -> Queries:
        """Parse `-- name: x`, a purpose line and the SQL up to the next name. Raises ValueError on a double name."""
        texts: dict[str, str] = {}
        for path in paths:
            parts = _NAME.split(path.read_text(encoding="utf-8"))
            for name, text in zip(parts[1::2], parts[2::2], strict=True):
                if name in texts:
                    raise ValueError(f"query {name} is defined twice ({path.name})")
                if not text.startswith("-- "):
                    raise ValueError(f"query {name} does not say what it is for ({path.name})")
                texts[name] = text.strip()
        return cls(texts)

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


#: The queries of the chassis itself.
CHASSIS = Queries.load(*(Path(__file__).parent / name for name in ("queries.sql", "arrivals.sql", "audit.sql")))
