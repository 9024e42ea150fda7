"""Distances on Earth, and who cannot have travelled them."""

from __future__ import annotations

from datetime import timedelta
from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_hub.lifecycle.travel import (
    EARTH_RADIUS_KM,
    SLACK_KM,
    Point,
    distance_km,
    is_impossible,
)

HALF = pi * EARTH_RADIUS_KM
BERLIN, PARIS = Point(52.5200, 13.4050), Point(48.8566, 2.3522)
NEW_YORK, SYDNEY = Point(40.7128, -74.0060), Point(-33.8688, 151.2093)
POLE, SOUTH_POLE = Point(90, 0), Point(-90, 0)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(
    ("one", "other", "kilometres"),
    [
        pytest.param(BERLIN, BERLIN, 0, id="nowhere"),
        # Great-circle distances as published by distance calculators.
        pytest.param(BERLIN, PARIS, 877.5, id="berlin-paris"),
        pytest.param(NEW_YORK, PARIS, 5837, id="over-the-prime-meridian"),
        pytest.param(SYDNEY, NEW_YORK, 15989, id="over-the-equator-and-the-date-line"),
        pytest.param(Point(0, 179.5), Point(0, -179.5), HALF / 180, id="antimeridian-one-degree"),
        pytest.param(Point(0, 180), Point(0, -180), 0, id="antimeridian-twice"),
        pytest.param(POLE, Point(90, 120), 0, id="a-pole-has-every-longitude"),
        pytest.param(Point(89, 0), Point(89, 180), HALF / 90, id="across-the-pole"),
        pytest.param(POLE, SOUTH_POLE, HALF, id="pole-to-pole"),
        pytest.param(Point(0, 0), Point(0, 180), HALF, id="antipodes"),
        pytest.param(Point(12.3, 45.6), Point(-12.3, -134.4), HALF, id="antipodes-that-round"),
    ],
)
def test_distance(one, other, kilometres):
    assert distance_km(one, other) == pytest.approx(kilometres, rel=2e-3, abs=1e-6)
    assert distance_km(other, one) == pytest.approx(distance_km(one, other))


@given(points, points)
def test_a_distance_is_a_number_of_at_most_half_the_earth(one, other):
    assert 0 <= distance_km(one, other) <= HALF * 1.000001


@pytest.mark.parametrize(
    ("one", "other", "elapsed", "expected"),
    [
        pytest.param(BERLIN, NEW_YORK, HOUR, True, id="an-ocean-in-an-hour"),
        pytest.param(BERLIN, NEW_YORK, 9 * HOUR, False, id="an-ocean-in-a-flight"),
        pytest.param(BERLIN, NEW_YORK, 6 * HOUR, True, id="an-ocean-faster-than-a-flight"),
        pytest.param(BERLIN, PARIS, timedelta(0), True, id="two-cities-at-once"),
        pytest.param(BERLIN, PARIS, HOUR, False, id="two-cities-in-an-hour"),
        pytest.param(BERLIN, BERLIN, timedelta(0), False, id="one-city-at-once"),
        # The slacks: 100 km of the address's, and a minute of the clock's (16.7 km).
        pytest.param(Point(0, 0), Point(0, 1.04), timedelta(0), False, id="115.6-km-at-once"),
        pytest.param(Point(0, 0), Point(0, 1.06), timedelta(0), True, id="117.9-km-at-once"),
        pytest.param(Point(0, 0), Point(0, 1.06), MINUTE, False, id="117.9-km-in-a-minute"),
        # A clock that lags: no time has passed, and no negative one.
        pytest.param(BERLIN, PARIS, -HOUR, True, id="backwards-two-cities"),
        pytest.param(Point(0, 0), Point(0, 1.04), -HOUR, False, id="backwards-115.6-km"),
        pytest.param(
            Point(0, 179.9), Point(0, -179.9), timedelta(0), False, id="over-the-date-line"
        ),
        pytest.param(Point(89.9, 0), Point(89.9, 180), timedelta(0), False, id="at-the-pole"),
    ],
)
def test_travel_at_a_thousand_kilometres_an_hour(one, other, elapsed, expected):
    assert is_impossible(one, other, elapsed, speed=1000, slack=MINUTE) is expected


def test_speed_and_slack_are_the_given_ones():
    assert is_impossible(BERLIN, PARIS, HOUR, speed=500, slack=MINUTE)
    assert not is_impossible(BERLIN, PARIS, HOUR, speed=500, slack=HOUR)
    assert SLACK_KM == 100
