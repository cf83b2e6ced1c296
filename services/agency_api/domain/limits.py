"""How much one key may ask: a bucket that fills steadily and that each request takes one from. Times are in seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """So many requests a second for good, and so many at once after a pause. A rate of 0: as many as one likes."""

    name: str
    rate: float
    burst: int

    @property
    def window(self) -> int:
        """After so many seconds an empty bucket is full again."""
        return max(1, math.ceil(self.burst / self.rate)) if self.rate else 1

    @property
    def said(self) -> str:
        """As an item of the header RateLimit-Policy."""
        return f'"{self.name}";q={self.burst};w={self.window}'


@dataclass(frozen=True, slots=True)
class Bucket:
    """How full it was at a moment."""

    level: float
    at: float


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of asking for one: the bucket after it, and whether there was one."""

    policy: Policy
    bucket: Bucket
    granted: bool

    @property
    def retry_after(self) -> int:
        """In so many whole seconds there is one again."""
        missing = max(0.0, 1.0 - self.bucket.level)
        return max(1, math.ceil(missing / self.policy.rate)) if self.policy.rate else 1

    @property
    def said(self) -> str:
        """As an item of the header RateLimit: how many are left, and when all of them are back."""
        back = (self.policy.burst - self.bucket.level) / self.policy.rate if self.policy.rate else 0.0
        return f'"{self.policy.name}";r={int(self.bucket.level)};t={math.ceil(back)}'


def level(policy: Policy, bucket: Bucket | None, now: float) -> float:
    """How full it is now; one that nobody has used is full."""
    if bucket is None:
        return float(policy.burst)
    return min(float(policy.burst), bucket.level + max(0.0, now - bucket.at) * policy.rate)


def take(policy: Policy, bucket: Bucket | None, now: float) -> Taken:
    """Take one, if there is one."""
    there = level(policy, bucket, now)
    if not policy.rate:
        return Taken(policy, Bucket(float(policy.burst), now), granted=True)
    granted = there >= 1.0
    return Taken(policy, Bucket(there - 1.0 if granted else there, now), granted)
