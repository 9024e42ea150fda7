"""Whether somebody can have travelled from one place to another in time. Pure."""

from __future__ import annotations

from datetime import timedelta
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

# Mean radius of the Earth (IUGG), which is within 0.5 % of its true shape.
EARTH_RADIUS_KM = 6371.0088
# How far from its client an address may be placed: city databases are mostly within
# this distance, and cheap enough to be wrong by it on both ends.
SLACK_KM = 100.0


class Point(NamedTuple):
    """A place on Earth, in degrees (WGS 84)."""

    latitude: float
    longitude: float


def distance_km(one: Point, other: Point) -> float:
    """The great-circle distance of two points in kilometres, by the haversine formula."""
    latitude, latitude_2 = radians(one.latitude), radians(other.latitude)
    # Sines of half the differences: 359° is 1°, and close points lose no digits.
    half_up = sin((latitude_2 - latitude) / 2)
    half_along = sin(radians(other.longitude - one.longitude) / 2)
    haversine = half_up**2 + cos(latitude) * cos(latitude_2) * half_along**2
    # Rounding may take opposite points past 1, where asin() is not defined.
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, haversine)))


def is_impossible(
    one: Point, other: Point, elapsed: timedelta, *, speed: float, slack: timedelta
) -> bool:
    """Whether nobody can have gone from `one` to `other` in `elapsed` at `speed` km/h.

    SLACK_KM is taken off the distance and `slack` put on the time, which is known to
    no more than the interval use is written at. A clock that lags makes `elapsed`
    negative: no time has passed then.
    """
    hours = (max(elapsed, timedelta(0)) + slack) / timedelta(hours=1)
    return distance_km(one, other) - SLACK_KM > speed * hours
