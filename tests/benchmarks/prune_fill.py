"""Fills the database of one site of prune.py: rows that are due to go, and live ones.

    python -m tests.benchmarks.prune_fill ROWS [--filled]
    python -m tests.benchmarks.prune_fill --due-at TIME

For the site and the database that settings.py is told. Prints one JSON object: how many sessions
are `due` `at` a time, and how many `live`. With `--filled` the hub's rows are there already
(`seed.py`); with `--due-at` they are only counted, as of that time.
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress
from datetime import UTC, datetime
from math import ceil
from typing import Any

# What the writers sign in with; MD5, as in all of these benchmarks.
PASSWORD = "correct horse"
WRITING_USERS = 40
# Of the days that seed.py fills, those that are over for longer than a row is kept. The rest
# is kept: rows that ended lately, and live ones.
_SHARE_DUE = 0.86
_LIVE_SHARE = 0.02

_DJANGO_SESSIONS = (
    "INSERT INTO django_session (session_key, session_data, expire_date)"
    " SELECT substr(md5(%(salt)s || n) || md5(n || %(salt)s), 1, 32), %(data)s,"
    " now() + make_interval(secs => %(sign)s * (60 + 14 * 86400.0 * n / %(rows)s))"
    " FROM generate_series(1, %(rows)s) n"
)


def fill_hub(rows: int, *, is_filled: bool) -> None:
    """Sessions of two years with devices, places and proofs, so many of them due."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from sessions_hub.lifecycle.credentials import valid_digests
    from sessions_hub.models import Session
    from tests.benchmarks.seed import fill

    if not is_filled:
        count = ceil(rows / _SHARE_DUE)
        fill(count, max(WRITING_USERS, count // 20), say=_say)
    users = get_user_model()._default_manager
    # One password for all: live rows then are of the password as it is, by one UPDATE.
    users.update(password=make_password(PASSWORD), is_active=True)
    live = Session.objects.filter(ended_at__isnull=True, expires_at__gt=timezone.now())
    live.update(credentials_digest=sorted(valid_digests(users.earliest("pk")))[0])
    vacuum()


def fill_django(rows: int, *, is_filled: bool) -> None:
    """So many expired rows of django_session, and live ones."""
    from django.contrib.auth import get_user_model
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connection

    for number in range(WRITING_USERS):
        get_user_model()._default_manager.create_user(f"user{number + 1}", password=PASSWORD)
    proof = {"_auth_user_id": "1", "_auth_user_hash": "5e" * 32}
    backend = {"_auth_user_backend": "django.contrib.auth.backends.ModelBackend"}
    common = {"data": SessionStore().encode({**proof, **backend})}
    live = max(1, int(rows * _LIVE_SHARE))
    with connection.cursor() as cursor:
        cursor.execute(_DJANGO_SESSIONS, {**common, "salt": "expired", "sign": -1.0, "rows": rows})
        cursor.execute(_DJANGO_SESSIONS, {**common, "salt": "live", "sign": 1.0, "rows": live})
    vacuum()


def counted(now: datetime) -> dict[str, Any]:
    """How many sessions are due at a time, and how many are live then."""
    from django.apps import apps

    if not apps.is_installed("sessions_hub"):
        sessions = apps.get_model("sessions.Session")._base_manager
        due, live = sessions.filter(expire_date__lt=now), sessions.filter(expire_date__gte=now)
        return {"at": now.isoformat(), "due": due.count(), "live": live.count()}
    from sessions_hub.lifecycle.prune import count_prunable
    from sessions_hub.lifecycle.retention import Retention
    from sessions_hub.models import Session

    live = Session.objects.filter(ended_at__isnull=True, expires_at__gt=now)
    due = count_prunable(now, Retention.configured()).deleted
    return {"at": now.isoformat(), "due": due, "live": live.count()}


def vacuum() -> None:
    """Statistics and the visibility map, as autovacuum would have made them by now."""
    from django.db import DatabaseError, connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        # Written out now: not while anything is measured. Only some roles may ask for it.
        with suppress(DatabaseError):
            cursor.execute("CHECKPOINT")


def _say(text: Any) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Make the tables and fill them, or only count; print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rows", type=int, nargs="?")
    parser.add_argument("--filled", action="store_true")
    parser.add_argument("--due-at", type=datetime.fromisoformat)
    options = parser.parse_args()

    import django

    django.setup()
    from django.apps import apps
    from django.core.management import call_command

    if options.due_at is None:
        call_command("migrate", verbosity=0)
        fill = fill_hub if apps.is_installed("sessions_hub") else fill_django
        fill(options.rows, is_filled=options.filled)
    print(json.dumps(counted(options.due_at or datetime.now(UTC))))


if __name__ == "__main__":
    main()
