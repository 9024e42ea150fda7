"""What `seed.py` has the server run: the shares of everything, and one INSERT for each table.

Chance is a hash of the row's number, so that it is the same in every run and on every plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

SPAN = timedelta(days=730)
# How long a session lasts, and within which an end comes.
LIFETIME = timedelta(days=14)
HEAVY, LIGHT = 10_000, 5

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

USERS = (
    "INSERT INTO auth_user (id, username, email, password, first_name, last_name,"
    " is_staff, is_superuser, is_active, date_joined)"
    " SELECT n, 'user' || n, 'user' || n || '@example.com', '', '', '',"
    " false, false, n %% 97 > 0, now() FROM generate_series(1, %s) n"
)


def functions(count: int, users: int, now: datetime) -> Iterator[str]:
    """Functions of this connection: chance, ids of a moment, and the numbers of devices."""
    begin = f"'{(now - SPAN).isoformat()}'::timestamptz"
    yield (
        "CREATE FUNCTION pg_temp.chance(n bigint, salt bigint) RETURNS float8 IMMUTABLE LANGUAGE"
        " sql AS 'SELECT (hashint8extended(n, salt) & 2147483647) / 2147483648.0::float8'"
    )
    # As `models/ids.py` makes them, with the hash of the number behind the time.
    yield (
        "CREATE FUNCTION pg_temp.id_at(moment timestamptz, n bigint, salt text) RETURNS uuid"
        " STABLE LANGUAGE sql AS $$SELECT (lpad(to_hex(floor(extract(epoch FROM moment) * 1000)"
        "::bigint), 12, '0') || '70008' || left(md5(salt || n), 15))::uuid$$"
    )
    yield (
        "CREATE FUNCTION pg_temp.session_moment(n bigint) RETURNS timestamptz STABLE LANGUAGE sql"
        f" AS $${_at(begin, 'n', count)}$$"
    )
    # Two for each user: the first within the first year, the other within the second.
    yield (
        "CREATE FUNCTION pg_temp.device_moment(n bigint) RETURNS timestamptz STABLE LANGUAGE sql"
        f" AS $${_at(begin, 'n', 2 * (users + 2))}$$"
    )
    yield (
        "CREATE FUNCTION pg_temp.device_of(of_user bigint, is_second boolean) RETURNS uuid STABLE"
        f" LANGUAGE sql AS $$SELECT pg_temp.id_at(pg_temp.device_moment(n), n, 'd') FROM (SELECT"
        f" of_user - 1 + CASE WHEN is_second THEN {users + 2} ELSE 0 END AS n) one$$"
    )
    yield (
        "CREATE FUNCTION pg_temp.seeded_now() RETURNS timestamptz STABLE LANGUAGE sql"
        f" AS $$SELECT '{now.isoformat()}'::timestamptz$$"
    )


def _at(begin: str, number: str, count: int) -> str:
    seconds = SPAN.total_seconds() / count
    return f"SELECT {begin} + make_interval(secs => {number} * {seconds!r}::float8)"


def statements(count: int, users: int) -> Iterator[tuple[str, str]]:
    """What each writes, and the statement."""
    yield "devices", _devices(users)
    yield "sessions", _sessions(count, users)
    yield "places", _PLACES
    yield "proofs", _proofs(1)
    yield "second proofs", _proofs(2)


def _drawn(shares: Mapping[Any, int], salt: int, number: str = "n") -> str:
    """One of the values, each as often as its share says."""
    *totals, whole = accumulate(shares.values())
    edges = ", ".join(repr(total / whole) for total in totals)
    values = ", ".join(repr(value) for value in shares)
    chance = f"pg_temp.chance({number}, {salt})"
    return f"(ARRAY[{values}])[width_bucket({chance}, ARRAY[{edges}]::float8[]) + 1]"


_CLIENT = (
    "user_agent, client_hints, os_code, os_name, os_version, os_version_key, client_type,"
    " client_code, client_name, client_version, client_version_key, client_engine,"
    " client_engine_version, device_type, device_brand, device_model, is_bot"
)
_CLIENT_VALUES = (
    "'Mozilla/5.0 (' || os_name || ' ' || os_version || ') AppleWebKit/537.36 (KHTML, like Gecko) '"
    " || client_name || '/' || client_version || ' Safari/537.36',"
    " jsonb_build_object('Sec-CH-UA-Platform', os_name), os_code, os_name, os_version, '',"
    " CASE WHEN client_name = '' THEN '' ELSE 'browser' END, '', client_name, client_version, '',"
    " 'Blink', '', device_type, '', '', false"
)
_CLIENTS = (
    "(VALUES "
    + ", ".join(str((place, *row[1:])) for place, row in enumerate(CLIENTS))
    + ") client (place, os_code, os_name, os_version, client_name, client_version, device_type)"
)
_CLIENT_OF = _drawn({place: row[0] for place, row in enumerate(CLIENTS)}, 1)
_PLACE = "ip, ip_key, country_code, region, city, latitude, longitude, time_zone, autonomous_system"


def _devices(users: int) -> str:
    return (
        "INSERT INTO sessions_hub_device (id, user_id, name, first_seen_at, last_seen_at,"
        f" {_CLIENT}) SELECT pg_temp.id_at(moment, n, 'd'), n % {users + 2} + 1, '', moment,"
        " moment,"
        f" {_CLIENT_VALUES} FROM (SELECT n, pg_temp.device_moment(n) AS moment,"
        f" {_CLIENT_OF} AS client_place FROM generate_series(0::bigint,"
        f" {2 * (users + 2) - 1}) n) one JOIN {_CLIENTS} ON place = client_place ORDER BY n"
    )


def _sessions(count: int, users: int) -> str:
    # The two users' sessions lie at even distances, the light one's beside the heavy one's.
    heavy, light = max(1, count // HEAVY), max(2, count // LIGHT)
    # The square: every hundredth user has a tenth of all sessions.
    owner = (
        f"CASE WHEN n % {heavy} = 0 THEN {users + 1} WHEN n % {light} = 1 THEN {users + 2}"
        f" ELSE floor({users} * pg_temp.chance(n, 2) ^ 2)::int + 1 END"
    )
    # Two networks, a large and a small one, were in use in the first year only.
    octets = (
        f"CASE WHEN n < {count // 2} AND pg_temp.chance(n, 3) < 0.09 THEN '198.18'"
        f" WHEN n < {count // 2} AND pg_temp.chance(n, 3) < 0.1 THEN '198.19'"
        " ELSE 20 + floor(170 * pg_temp.chance(n, 4))::int || '.'"
        " || floor(256 * pg_temp.chance(n, 5))::int END"
    )
    drawn = (
        f"SELECT n, {owner} AS owner, pg_temp.session_moment(n) AS issued, {_CLIENT_OF} AS"
        f" client_place, {_drawn(TYPES, 6)} AS kind, {_drawn(LEVELS, 7)} AS level,"
        f" {_drawn(TENANTS, 8)} AS tenant, {_drawn(REASONS, 9)} AS reason,"
        f" {_drawn(COUNTRIES, 10)} AS country, ({octets} || '.' || floor(256 * pg_temp.chance(n,"
        " 11))::int || '.' || 1 + floor(254 * pg_temp.chance(n, 12))::int)::inet AS address,"
        f" pg_temp.chance(n, 13) * interval '{LIFETIME.days} days' AS lasted,"
        f" pg_temp.seeded_now() AS now FROM generate_series(0::bigint, {count - 1}) n"
        # Not to be folded into what is around it, where each value is used several times.
        " OFFSET 0"
    )
    timed = (
        "SELECT *, least(issued + lasted, now) AS ended,"
        f" issued + interval '{LIFETIME.days} days' AS expires,"
        " (issued + lasted < now AND pg_temp.chance(n, 14) < 0.97)"
        f" OR (issued + interval '{LIFETIME.days} days' <= now AND pg_temp.chance(n, 15) < 0.9)"
        f" AS is_over, kind = 'impersonation' AS is_acted FROM ({drawn}) drawn OFFSET 0"
    )
    key = "'00000000000000000000ffff' || lpad(to_hex((address - inet '0.0.0.0')::bigint), 8, '0')"
    return (
        "INSERT INTO sessions_hub_session (id, user_id, session_type, name, tenant_id,"
        " workspace_id, audience, scopes, metadata, assurance_level, issued_at, authenticated_at,"
        " fully_authenticated_at, last_used_at, updated_at, expires_at, idle_expires_at, ended_at,"
        " end_reason, ended_by_label, impersonator_id, impersonator_label, impersonation_reason,"
        f" generation, credentials_digest, current_fingerprint, {_CLIENT}, {_PLACE})"
        " SELECT pg_temp.id_at(issued, n, 's'), owner, kind, '', tenant, '', '', '[]', '{}',"
        " CASE WHEN is_acted THEN 0 ELSE level END, issued, issued, issued, ended, ended, expires,"
        " expires, CASE WHEN is_over THEN ended END, CASE WHEN is_over THEN reason ELSE '' END,"
        " '', CASE WHEN is_acted THEN 1 END, CASE WHEN is_acted THEN 'user1' ELSE '' END,"
        " CASE WHEN is_acted THEN 'ticket' ELSE '' END, 0, repeat('5e', 32),"
        f" lpad(to_hex(n), 32, '0'), {_CLIENT_VALUES}, address, {key}, country, '', 'Town', NULL,"
        f" NULL, '', 'AS3320 Operator' FROM ({timed}) timed JOIN {_CLIENTS}"
        " ON place = client_place ORDER BY n"
    )


# Programs and impersonations are on no device.
_PLACES = (
    "INSERT INTO sessions_hub_sessiondevice (id, session_id, device_id, fingerprint,"
    f" first_seen_at, last_seen_at, {_CLIENT}, {_PLACE}) SELECT id, id,"
    " pg_temp.device_of(user_id, get_byte(uuid_send(id), 15) & 1 = 1),"
    f" current_fingerprint, issued_at, last_used_at, {_CLIENT}, {_PLACE}"
    " FROM sessions_hub_session WHERE session_type NOT IN"
    " ('api_key', 'oauth_session', 'service_account', 'impersonation') ORDER BY id"
)


def _proofs(place: int) -> str:
    """One for each session, and a second one for those of level 2 and more."""
    number = "('x' || right(id::text, 12))::bit(48)::bigint"
    method = _drawn(METHODS, 16, number) if place == 1 else "'totp'"
    chosen = "session_type <> 'impersonation'" if place == 1 else "assurance_level >= 2"
    return (
        "INSERT INTO sessions_hub_authenticationmethod (id, session_id, method, assurance_level,"
        " completed_at, factor, provider, provider_uid, organization, upstream_acr, upstream_amr,"
        " issuer, upstream_session_id, provider_access_token, provider_refresh_token)"
        f" SELECT overlay(id::text PLACING '{place}' FROM 18)::uuid, id, {method},"
        " least(assurance_level, 1), issued_at, '', '', '', '', '', '[]', '', '', '', ''"
        f" FROM sessions_hub_session WHERE {chosen} ORDER BY id"
    )
