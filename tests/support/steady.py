"""Times on a machine that others use too."""

from __future__ import annotations

from collections.abc import Callable

TRIES = 5


def least(measure: Callable[[], float], below: float) -> float:
    """The least of a few measurements, which end with the first that is low enough.

    What holds something up each time is in all of them; what another program took just then is not.
    """
    found = measure()
    for _ in range(TRIES - 1):
        if found < below:
            break
        found = min(found, measure())
    return found
