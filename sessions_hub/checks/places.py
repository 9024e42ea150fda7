"""Check of the GeoIP databases: which ones are in use, how old they are, what is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.checks import CheckMessage, Info, Warning
from django.utils import timezone

from sessions_hub.understanding.geoip import GeoIPDatabase, databases

from .values import Apps

# Vendors publish daily to monthly, and MaxMind's licence asks for an older file to be
# destroyed within 30 days of a newer one. A monthly file that is replaced two weeks
# late is still accepted; an update that has stopped is not.
STALE_AFTER = timedelta(days=45)


def check_geoip(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """Says which GeoIP databases are in use; warns of a stale and of an unusable one."""
    now = timezone.now()
    return [message for database in databases() for message in _messages(database, now)]


def _messages(database: GeoIPDatabase, now: datetime) -> list[CheckMessage]:
    if database.problem:
        return [
            Warning(
                f"The GeoIP database {database.path} cannot be used: {database.problem}",
                hint="Check SESSIONS_HUB_GEOIP_PATH and the file names beside it. Until then "
                "sessions lack what it would tell.",
                id="sessions_hub.W030",
            )
        ]
    messages: list[CheckMessage] = [
        Info(
            f"The GeoIP database {database.path} is in use: {database.kind}, "
            f"{_built(database.built, now)}.",
            hint="Nothing to do. SILENCED_SYSTEM_CHECKS hides it.",
            id="sessions_hub.I033",
        )
    ]
    if database.built is not None and now - database.built > STALE_AFTER:
        messages.append(
            Warning(
                f"The GeoIP database {database.path} was built more than {STALE_AFTER.days} days "
                "ago: addresses have moved since.",
                hint="Download a newer one regularly; workers notice it without a restart. "
                "MaxMind's licence asks for it within 30 days.",
                id="sessions_hub.W032",
            )
        )
    return messages


def _built(built: datetime | None, now: datetime) -> str:
    if built is None:
        return "time of build unknown"
    days = max((now - built).days, 0)
    return f"built on {built:%Y-%m-%d}, {days} day{'' if days == 1 else 's'} ago"
