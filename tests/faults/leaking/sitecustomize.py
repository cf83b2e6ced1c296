"""Loaded by every process of a leaking node: what is sealed only looks as if it were."""

import sys
from importlib.abc import MetaPathFinder

from tests.support.canary import OpenSuite


class _Leak(MetaPathFinder):
    """Finds nothing; at the first import after sealing is there, it breaks it."""

    def find_spec(self, *_: object) -> None:
        sealing = sys.modules.get("services.chassis.trust.sealing")
        if hasattr(sealing, "for_reader"):
            sys.meta_path.remove(self)
            sealing.SUITE = OpenSuite()  # type: ignore[union-attr] # hasattr says that it is there


sys.meta_path.insert(0, _Leak())
