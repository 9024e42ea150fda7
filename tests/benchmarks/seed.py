"""Fills a PostgreSQL database with sessions as a large site would have them.

    HUB_TEST_DATABASE=postgresql HUB_TEST_NAME=hub_seed \
        python tests/benchmarks/seed.py --sessions 2000000

Rows go in by COPY, about 20,000 a second, in the order of their ids. The same number gives the same
rows, but for the time. What is skewed is what lists and filters depend on: a few users
have most sessions, countries and systems follow a long tail, nearly all old sessions
have ended and most new ones have not, and some kinds (televisions, impersonations,
one tenant, one network) are rare or all of them old.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from example_project.demo.draw import Draw

SPAN = timedelta(days=730)
# How long a session lasts, and within which an end comes.
LIFETIME = timedelta(days=14)

# Share in 100,000, then os_code, os_name, os_version, client_name, client_version, device_type.
CLIENTS = (
    (30000, "WIN", "Windows", "11", "Chrome", "142.0", "desktop"),
    (9000, "WIN", "Windows", "10", "Microsoft Edge", "141.0", "desktop"),
    (22000, "AND", "Android", "16", "Chrome Mobile", "142.0", "smartphone"),
    (17000, "IOS", "iOS", "26.1", "Mobile Safari", "26.1", "smartphone"),
    (9000, "MAC", "Mac", "26.1", "Safari", "26.1", "desktop"),
    (4000, "IPA", "iPadOS", "26.1", "Mobile Safari", "26.1", "tablet"),
    (3500, "UBT", "Ubuntu", "", "Firefox", "145.0", "desktop"),
    (2500, "COS", "Chrome OS", "16433.41", "Chrome", "142.0", "desktop"),
    (2900, "", "", "", "", "", ""),
    (90, "TIZ", "Tizen", "8.0", "Samsung Browser", "29.0", "tv"),
    (10, "PS3", "PlayStation", "5", "", "", "console"),
)
COUNTRIES = {
    "US": 28000, "IN": 17000, "BR": 9000, "DE": 8000, "GB": 7000, "FR": 6500, "JP": 6000,
    "TR": 4500, "KE": 3500, "MX": 3200, "IT": 3000, "PL": 2000, "NL": 1400, "": 800,
    "NZ": 80, "IS": 19, "NR": 1,
}  # fmt: skip
TYPES = {
    "regular_login": 92000, "api_key": 3000, "oauth_session": 2500, "one_time_access": 1000,
    "account_recovery": 700, "service_account": 500, "credential_recovery": 250,
    "impersonation": 40, "temporary": 10,
}  # fmt: skip
METHODS = {"password": 70000, "oidc": 18000, "passkey": 8000, "code": 3000, "saml": 1000}
LEVELS = {1: 80000, 2: 18900, 3: 100, 0: 1000}
TENANTS = {"": 60000, "acme": 39990, "tiny": 10}
REASONS = {"signed_out": 25, "expired": 60, "revoked_by_user": 8, "idle": 5, "revoked_by_staff": 2}

SESSION_COLUMNS = (
    "id", "user_id", "session_type", "name", "tenant_id", "workspace_id", "audience", "scopes",
    "metadata", "assurance_level", "issued_at", "authenticated_at", "fully_authenticated_at",
    "last_used_at", "updated_at", "expires_at", "idle_expires_at", "ended_at", "end_reason",
    "ended_by_label", "impersonator_label", "impersonation_reason", "generation",
    "credentials_digest", "current_fingerprint", "user_agent", "client_hints", "os_code",
    "os_name", "os_version", "os_version_key", "client_type", "client_code", "client_name",
    "client_version", "client_version_key", "client_engine", "client_engine_version",
    "device_type", "device_brand", "device_model", "is_bot", "ip", "ip_key", "country_code",
    "region", "city", "time_zone", "autonomous_system",
)  # fmt: skip
METHOD_COLUMNS = (
    "id", "session_id", "method", "assurance_level", "completed_at", "factor", "provider",
    "provider_uid", "organization", "upstream_acr", "upstream_amr", "issuer",
    "upstream_session_id", "provider_access_token", "provider_refresh_token",
)  # fmt: skip


def sessions(count: int, users: int, now: datetime, seed: int) -> Iterator[tuple[Any, ...]]:
    """The rows of the session table, oldest first."""
    from sessions_hub.capture.address import address_key
    from sessions_hub.models.ids import first_id_at

    numbers = random.Random(seed)
    draw = Draw(numbers)
    step = SPAN / count
    block = 10_000
    for start in range(0, count, block):
        size = min(block, count - start)
        clients = draw.of({one[1:]: one[0] for one in CLIENTS}, size)
        countries, kinds = draw.of(COUNTRIES, size), draw.of(TYPES, size)
        levels, tenants, reasons = (draw.of(one, size) for one in (LEVELS, TENANTS, REASONS))
        for offset in range(size):
            number = start + offset
            issued = now - SPAN + number * step
            pk = UUID(int=first_id_at(issued).int | numbers.getrandbits(60))
            os_code, os_name, os_version, client, version, device = clients[offset]
            # The square: every hundredth user has a tenth of all sessions.
            user = int(users * numbers.random() ** 2) + 1
            # Two networks, a large and a small one, were in use in the first year only.
            chance = numbers.random() if number < count // 2 else 1
            octets = (numbers.randrange(20, 190), numbers.randrange(256))
            if chance < 0.1:
                octets = (198, 18 if chance < 0.09 else 19)
            ip = f"{octets[0]}.{octets[1]}.{numbers.randrange(256)}.{numbers.randrange(1, 255)}"
            expires = issued + LIFETIME
            ended = issued + LIFETIME * numbers.random()
            is_over = ended < now and numbers.random() < 0.97
            used = min(ended, now)
            if expires <= now:
                is_over = is_over or numbers.random() < 0.9
            yield (
                pk, user, kinds[offset], "", tenants[offset], "", "", "[]", "{}", levels[offset],
                issued, issued, issued, used, used, expires, expires,
                min(ended, now) if is_over else None, reasons[offset] if is_over else "",
                "", "", "", 0, "5e" * 32, f"{number:032x}",
                f"Mozilla/5.0 ({os_name} {os_version}) AppleWebKit/537.36 (KHTML, like Gecko) "
                f"{client}/{version} Safari/537.36",
                json.dumps({"Sec-CH-UA-Platform": os_name}), os_code, os_name, os_version, "",
                "browser" if client else "", "", client, version, "", "Blink", "", device, "", "",
                False, ip, address_key(ip), countries[offset], "", "Town", "", "AS3320 Operator",
            )  # fmt: skip


def methods(rows: Iterator[tuple[Any, ...]], seed: int) -> Iterator[tuple[Any, ...]]:
    """One proof for each session, and a second one for those of level 2 and more."""
    numbers = random.Random(seed + 1)
    draw = Draw(numbers)
    pool = draw.of(METHODS, 10_007)
    for number, (session, issued, level) in enumerate(rows):
        named = [pool[number % len(pool)]] + (["totp"] if level >= 2 else [])
        for place, method in enumerate(named):
            pk = UUID(int=session.int ^ (place + 1))
            yield (
                pk, session, method, min(level, 1), issued, "", "", "", "", "", "[]", "", "", "", ""
            )  # fmt: skip


def fill(count: int, users: int, *, seed: int = 1, say: Callable[[str], Any] = print) -> None:
    """Write users, sessions, devices and proofs into empty tables, and gather statistics."""
    from django.db import connection, transaction

    now = datetime.now(UTC)
    facts: list[tuple[UUID, datetime, int]] = []

    def remembered() -> Iterator[tuple[Any, ...]]:
        for row in sessions(count, users, now, seed):
            facts.append((row[0], row[10], row[9]))
            yield row

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO auth_user (id, username, email, password, first_name, last_name,"
                " is_staff, is_superuser, is_active, date_joined)"
                " SELECT n, 'user' || n, 'user' || n || '@example.com', '', '', '',"
                " false, false, n %% 97 > 0, now() FROM generate_series(1, %s) n",
                [users],
            )
        _copy("sessions_hub_session", SESSION_COLUMNS, remembered())
        say(f"{count} sessions of {users} users")
        _copy("sessions_hub_authenticationmethod", METHOD_COLUMNS, methods(iter(facts), seed))
        say("proofs")
        with connection.cursor() as cursor:
            # Each user has one device for every twentieth session, used in that one.
            cursor.execute(_DEVICES)
            cursor.execute(_USES)
            cursor.execute(_IMPERSONATIONS)
        say("devices")
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('auth_user', 'id'), %s)", [users])
        # Statistics, and the visibility map that autovacuum would have made by now.
        cursor.execute("VACUUM ANALYZE")


_CLIENT = (
    "user_agent, client_hints, os_code, os_name, os_version, os_version_key, client_type,"
    " client_code, client_name, client_version, client_version_key, client_engine,"
    " client_engine_version, device_type, device_brand, device_model, is_bot"
)
_PLACE = "ip, ip_key, country_code, region, city, latitude, longitude, time_zone, autonomous_system"
_DEVICES = (
    f"INSERT INTO sessions_hub_device (id, user_id, name, first_seen_at, last_seen_at, {_CLIENT})"
    f" SELECT id, user_id, '', issued_at, last_used_at, {_CLIENT} FROM sessions_hub_session"
    " WHERE get_byte(uuid_send(id), 15) < 13"
)
_USES = (
    "INSERT INTO sessions_hub_sessiondevice (id, session_id, device_id, fingerprint,"
    f" first_seen_at, last_seen_at, {_CLIENT}, {_PLACE}) SELECT id, id, id,"
    f" current_fingerprint, issued_at, last_used_at, {_CLIENT}, {_PLACE}"
    " FROM sessions_hub_session WHERE get_byte(uuid_send(id), 15) < 13"
)
_IMPERSONATIONS = (
    "UPDATE sessions_hub_session SET impersonator_id = 1, impersonator_label = 'user1',"
    " impersonation_reason = 'ticket', assurance_level = 0 WHERE session_type = 'impersonation'"
)


def _copy(table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    from django.db import connection

    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def main() -> None:
    """Read the command line, migrate the named database, and fill it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sessions", type=int, default=2_000_000, metavar="N")
    parser.add_argument("--users", type=int, default=100_000, metavar="N")
    options = parser.parse_args()

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    fill(options.sessions, options.users)


if __name__ == "__main__":
    main()
