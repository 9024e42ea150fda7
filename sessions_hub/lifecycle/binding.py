"""Whether a session has moved, and what that calls for. Pure: no clock, no database.

A sighting is compared with every place the session was accepted in, not with the
sign-in or the last one alone. What has been accepted once is no move again, so that a
telephone which changes between two networks asks for one proof; and going back to an
earlier place is none either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from .travel import Point, is_impossible

# What may have moved, in the order it is named in.
CAUSES = ("os", "client", "country", "autonomous_system", "travel")


class Action(IntEnum):
    """What a move calls for, the strictest last."""

    IGNORE = 0
    RECORD = 1
    STEP_UP = 2
    END = 3

    @property
    def word(self) -> str:
        """The action as the setting names it."""
        return self.name.lower()


BINDING_ACTIONS: Mapping[str, Action] = {action.word: action for action in Action}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A client and its place as far as a move is judged by them; empty is unknown.

    Families, not versions: an update is no move. There may be several names for one
    client, with and without its hints: it has moved when none is known. `network` is
    the number of an autonomous system, such as "AS3320".
    """

    systems: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()
    country: str = ""
    network: str = ""
    point: Point | None = None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """What has moved (some of CAUSES, the one that calls for most first), and the action."""

    action: Action
    causes: tuple[str, ...]


def judge_move(
    known: Sequence[Sight],
    new: Sight,
    rules: Mapping[str, str],
    *,
    speed: float,
    slack: timedelta,
) -> Move | None:
    """The strictest action the moves from `known` to `new` call for; None for none.

    `rules` is SESSIONS_HUB_BINDING, `speed` in km/h and `slack` (of the times in
    `known`) are for "travel". Raises KeyError for an action that does not exist.
    """
    actions = {cause: BINDING_ACTIONS[rules.get(cause, "ignore")] for cause in CAUSES}
    has_moved = {
        "os": lambda: _is_new(new.systems, (sight.systems for sight in known)),
        "client": lambda: _is_new(new.clients, (sight.clients for sight in known)),
        "country": lambda: _is_new(_one(new.country), (_one(sight.country) for sight in known)),
        "autonomous_system": lambda: _is_new(
            _one(new.network), (_one(sight.network) for sight in known)
        ),
        "travel": lambda: _has_flown(known, new, speed, slack),
    }
    moved = [cause for cause in CAUSES if actions[cause] and has_moved[cause]()]
    if not moved:
        return None
    causes = sorted(moved, key=lambda cause: -actions[cause])
    return Move(actions[causes[0]], tuple(causes))


def network_of(autonomous_system: str) -> str:
    """The number in the name of a network operator: names change with the database."""
    number, _, _name = autonomous_system.partition(" ")
    return number if number[:2] == "AS" and number[2:].isdigit() else autonomous_system


def _one(value: str) -> frozenset[str]:
    return frozenset({value}) if value else frozenset()


def _is_new(new: frozenset[str], known: Iterable[frozenset[str]]) -> bool:
    seen = frozenset().union(*known)
    return bool(new) and bool(seen) and new.isdisjoint(seen)


def _has_flown(known: Sequence[Sight], new: Sight, speed: float, slack: timedelta) -> bool:
    located = [sight for sight in known if sight.point is not None]
    if new.point is None or not located:
        return False
    network = (new.country, new.network)
    if all(network) and network in {(sight.country, sight.network) for sight in known}:
        # Addresses of one network are placed hundreds of kilometres apart.
        return False
    last = max(located, key=lambda sight: sight.seen_at)
    elapsed = new.seen_at - last.seen_at
    assert last.point is not None  # noqa: S101 - for the type checker
    return is_impossible(last.point, new.point, elapsed, speed=speed, slack=slack)
