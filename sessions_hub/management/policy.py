"""The settings that say how long what is kept, as a table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError

from sessions_hub.conf import conf
from sessions_hub.lifecycle.retention import Retention, kept_for

from .statuses import FAILED
from .tables import Out, print_table


def retention_with(default: Any = ...) -> Retention:
    """The settings of `prunesessions`, with another default where one is given.

    Raises CommandError where a setting is wrong.
    """
    try:
        return Retention.configured(default)
    except ValueError as error:
        raise CommandError(str(error), returncode=FAILED) from None


def time_of(name: str) -> timedelta | None:
    """A setting that is a time to keep something, or None. Raises CommandError."""
    try:
        return kept_for(name, getattr(conf, name))
    except ValueError as error:
        raise CommandError(str(error), returncode=FAILED) from None


def print_policy(out: Out, retention: Retention) -> None:
    """What is kept for how long, and which command sees to it. Raises CommandError."""
    special = [
        (f"ended sessions: {word}", shown(time), "prunesessions", "SESSIONS_HUB_RETENTION_FOR")
        for word, time in sorted({**retention.reasons, **retention.types}.items())
    ]
    main = "SESSIONS_HUB_RETENTION"
    address, agent = "SESSIONS_HUB_ADDRESS_RETENTION", "SESSIONS_HUB_USER_AGENT_RETENTION"
    rows = [
        ("ended sessions", shown(retention.default), "prunesessions", main),
        *special,
        ("devices without a session", shown(retention.default), "prunesessions", main),
        ("whole addresses, coordinates", shown(time_of(address)), "anonymizesessions", address),
        ("user agents, client hints", shown(time_of(agent)), "anonymizesessions", agent),
        (
            "rows of a deleted user",
            conf.SESSIONS_HUB_ON_USER_DELETE,
            "",
            "SESSIONS_HUB_ON_USER_DELETE",
        ),
    ]
    print_table(out, ("what", "kept for", "by", "setting"), rows)


def shown(time: timedelta | None) -> str:
    """A time as people say it."""
    if time is None:
        return "ever"
    if not time % timedelta(days=1):
        return f"{time.days} day{'' if time.days == 1 else 's'}"
    return str(time)
