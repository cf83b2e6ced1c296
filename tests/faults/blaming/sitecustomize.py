"""Loaded by every process of a blaming node: what its database suffers is laid on the message that met it."""

import sys
from importlib.abc import MetaPathFinder


class _Blame(MetaPathFinder):
    """Finds nothing; at the first import after the judge is there, it takes his table away."""

    def find_spec(self, *_: object) -> None:
        failures = sys.modules.get("services.chassis.storage.failures")
        if hasattr(failures, "judge"):
            sys.meta_path.remove(self)
            fault = failures.Failure.FAULT  # type: ignore[union-attr] # hasattr says that it is there
            failures.CLASSES = dict.fromkeys(failures.CLASSES, fault)  # type: ignore[union-attr] # the same
            failures.AWAY = fault  # type: ignore[union-attr] # the same


sys.meta_path.insert(0, _Blame())
