"""What is a move, and what it calls for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sessions_hub.lifecycle.binding import CAUSES, Action, Move, Sight, judge_move, network_of
from sessions_hub.lifecycle.travel import Point

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ALL = dict.fromkeys(CAUSES, "record")


def at_home(**values) -> Sight:
    """Chrome on Windows in Berlin, an hour ago."""
    given = {
        "systems": frozenset({"WIN"}),
        "clients": frozenset({"Chrome"}),
        "country": "DE",
        "network": "AS3320",
        "point": Point(52.5, 13.4),
        "seen_at": NOW - timedelta(hours=1),
        **values,
    }
    return Sight(**given)


HOME = at_home()
PARIS, NEW_YORK, POTSDAM = Point(48.9, 2.4), Point(40.7, -74.0), Point(52.4, 13.1)
NOTHING = Sight(seen_at=NOW)


def judge(new: Sight, *known: Sight, rules=ALL, speed=1000) -> Move | None:
    return judge_move(known or (HOME,), replace(new, seen_at=NOW), rules, speed=speed, slack=MINUTE)


@pytest.mark.parametrize(
    ("new", "causes"),
    [
        pytest.param(HOME, (), id="nothing-changed"),
        pytest.param(at_home(systems=frozenset({"MAC"})), ("os",), id="another-system"),
        pytest.param(at_home(clients=frozenset({"curl"})), ("client",), id="another-client"),
        pytest.param(at_home(country="AT"), ("country",), id="another-country"),
        pytest.param(at_home(network="AS1"), ("autonomous_system",), id="another-network"),
        pytest.param(
            at_home(network="AS1", point=NEW_YORK),
            ("autonomous_system", "travel"),
            id="another-network-over-the-ocean",
        ),
        pytest.param(at_home(network="", point=NEW_YORK), ("travel",), id="network-unknown"),
        pytest.param(at_home(point=NEW_YORK), (), id="one-network-placed-far-apart"),
        pytest.param(at_home(network="", point=POTSDAM), (), id="next-town"),
        pytest.param(at_home(network="", point=PARIS), (), id="as-far-as-one-flies"),
        pytest.param(
            at_home(
                systems=frozenset({"LIN"}),
                clients=frozenset({"curl"}),
                country="US",
                network="AS1",
                point=NEW_YORK,
            ),
            CAUSES,
            id="everything",
        ),
        # Two names for one client: Brave's agent says Chrome, its hints say Brave.
        pytest.param(at_home(clients=frozenset({"Brave", "Chrome"})), (), id="hints-come-later"),
        # Unknown is no move.
        pytest.param(NOTHING, (), id="all-unknown-now"),
        pytest.param(at_home(systems=frozenset()), (), id="system-unknown-now"),
        pytest.param(at_home(country=""), (), id="country-unknown-now"),
        pytest.param(at_home(network="AS1", point=None), ("autonomous_system",), id="no-point-now"),
    ],
)
def test_causes(new, causes):
    move = judge(new)
    assert (move.causes if move else ()) == causes


def test_what_was_unknown_before_is_no_move():
    assert judge(HOME, NOTHING) is None
    assert judge_move((), HOME, ALL, speed=1000, slack=MINUTE) is None


def test_hints_that_do_not_come_are_no_move():
    known = at_home(clients=frozenset({"Brave", "Chrome"}))
    assert judge(at_home(clients=frozenset({"Chrome"})), known) is None


@pytest.mark.parametrize(
    "new",
    [
        at_home(country="AT", network="AS8447"),
        HOME,
        # Each is known, of two places.
        at_home(country="AT"),
    ],
)
def test_what_was_accepted_once_is_no_move_again(new):
    abroad = at_home(country="AT", network="AS8447")
    assert judge(new, HOME, abroad) is None


def test_travel_counts_from_where_the_session_was_seen_last():
    before = at_home(network="AS1", point=NEW_YORK, seen_at=NOW - timedelta(days=3))
    new = at_home(network="AS2", country="US", point=NEW_YORK)
    assert judge(new, before, HOME, rules={"travel": "end"}).causes == ("travel",)
    later = replace(before, seen_at=NOW - timedelta(minutes=5))
    assert judge(new, later, HOME, rules={"travel": "end"}) is None


def test_a_place_without_a_point_does_not_hide_the_last_one_with_one():
    nowhere = at_home(point=None, seen_at=NOW)
    new = at_home(network="", point=NEW_YORK)
    assert judge(new, HOME, nowhere, rules={"travel": "end"}).causes == ("travel",)


def test_travel_is_judged_by_the_speed_given():
    new = at_home(network="", point=PARIS)
    assert judge(new, rules={"travel": "end"}, speed=300).causes == ("travel",)


EVERYTHING_MOVED = at_home(systems=frozenset({"MAC"}), country="US", network="AS1")


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, None),
        ({"os": "ignore"}, None),
        ({"client": "end"}, None),
        ({"os": "record"}, Move(Action.RECORD, ("os",))),
        ({"os": "record", "country": "end"}, Move(Action.END, ("country", "os"))),
        ({"os": "end", "country": "step_up"}, Move(Action.END, ("os", "country"))),
        (
            {"os": "step_up", "country": "step_up", "autonomous_system": "record"},
            Move(Action.STEP_UP, ("os", "country", "autonomous_system")),
        ),
        (
            {"os": "ignore", "autonomous_system": "record"},
            Move(Action.RECORD, ("autonomous_system",)),
        ),
    ],
)
def test_the_strictest_action_counts_and_its_cause_comes_first(rules, expected):
    assert judge(EVERYTHING_MOVED, rules=rules) == expected


def test_an_action_that_does_not_exist_lets_nobody_in():
    with pytest.raises(KeyError):
        judge(EVERYTHING_MOVED, rules={"os": "deny"})


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("AS3320 Deutsche Telekom AG", "AS3320"),
        ("AS3320", "AS3320"),
        ("ASDA Stores", "ASDA Stores"),
        ("Telekom", "Telekom"),
        ("", ""),
    ],
)
def test_a_network_is_known_by_its_number(name, number):
    assert network_of(name) == number
