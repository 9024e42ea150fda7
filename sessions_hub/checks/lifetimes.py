"""Checks of SESSIONS_HUB_LIFETIMES: its shape, and NIST's limits where those are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Warning

from sessions_hub.conf import conf
from sessions_hub.lifecycle.policy import (
    LIFETIME_KEYS,
    LONGEST,
    NIST_LEVELS,
    Limits,
    limit_of_key,
)

Apps = Sequence[AppConfig] | None


def check_lifetimes(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """A wrong lifetime would refuse every sign-in it concerns."""
    lifetimes: object = conf.SESSIONS_HUB_LIFETIMES
    if not isinstance(lifetimes, Mapping):
        return [_wrong(f"it is {lifetimes!r}")]
    messages: list[CheckMessage] = []
    for key, value in lifetimes.items():
        if key not in LIFETIME_KEYS:
            near = get_close_matches(str(key), LIFETIME_KEYS, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else ""
            messages.append(_wrong(f"there is no key {key!r}", hint))
        elif (problem := _problem(key, value)) is not None:
            messages.append(_wrong(problem))
        elif conf.SESSIONS_HUB_LIMITS == "nist" and key in NIST_LEVELS:
            messages += _beyond_nist(key, limit_of_key("nist", key, lifetimes))
    return messages


def _problem(key: str, value: Any) -> str | None:
    try:
        # As it stands in the mapping; the profile does not matter to its shape.
        limit_of_key("django", key, {key: value})
    except ValueError as error:
        return str(error)
    overall, *idle = (value,) if isinstance(value, timedelta) else value
    if any(one is not None and one > LONGEST for one in (overall, *idle)):
        return f"that of {key!r} is over {LONGEST.days} days"
    if any(one is not None and one > overall for one in idle):
        return f"that of {key!r} lets a session rest longer than it lasts"
    return None


def _wrong(problem: str, hint: str = "") -> CheckMessage:
    return Error(
        f"SESSIONS_HUB_LIFETIMES must be a dict from keys to lifetimes: {problem}.",
        hint=hint
        or "A lifetime is timedelta(hours=12), or that and an idle limit: (timedelta(hours=12), "
        f"timedelta(minutes=30)), more than nothing and at most {LONGEST.days} days.",
        id="sessions_hub.E080",
    )


def _beyond_nist(key: str, limits: Limits) -> list[CheckMessage]:
    nist = NIST_LEVELS[key]
    messages: list[CheckMessage] = []
    if limits.overall > nist.overall:
        # A SHALL at aal3 (§2.3.3), a SHOULD below (§2.1.3, §2.2.3).
        kind, check_id = (Error, "E081") if key == "aal3" else (Warning, "W080")
        messages.append(_longer(kind, key, "last", limits.overall, nist.overall, check_id))
    if nist.idle is not None and (limits.idle is None or limits.idle > nist.idle):
        messages.append(_longer(Warning, key, "rest", limits.idle, nist.idle, "W081"))
    return messages


def _longer(
    kind: type[Error] | type[Warning],
    key: str,
    verb: str,
    is_now: timedelta | None,
    allowed: timedelta,
    check_id: str,
) -> CheckMessage:
    return kind(
        f"Sessions of {key} {verb} longer than NIST SP 800-63B-4 allows: "
        f"{'without limit' if is_now is None else is_now}, not {allowed}.",
        hint=f"Shorten SESSIONS_HUB_LIFETIMES[{key!r}], or do not set SESSIONS_HUB_LIMITS.",
        id=f"sessions_hub.{check_id}",
    )
