"""What is looked at, one function each: it returns what it found, and may raise anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from secrets import token_hex
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from sessions_hub import tombstones
from sessions_hub.conf import conf
from sessions_hub.credentials import encryption, jwt_keys
from sessions_hub.credentials.jwt_algorithms import sign
from sessions_hub.credentials.keys import key_ring
from sessions_hub.lifecycle.digests import digests
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.verdicts import fetch_verdict
from sessions_hub.understanding import geoip

# Of MaxMind's licence: an old database is to be replaced within 30 days of a new one.
GEOIP_AGE = timedelta(days=35)
_NOBODY = UUID(int=0)


class Status(StrEnum):
    """How something is."""

    OK = "ok"
    # Not configured, so nothing depends on it.
    OFF = "off"
    # Something is missing or slow; sessions are judged, and nobody is signed out.
    DEGRADED = "degraded"
    # Requests of signed-in visitors are answered 503.
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found, and what to do about it; that is empty where nothing is to be done."""

    status: Status
    message: str
    advice: str = ""


class Probe(NamedTuple):
    """A look at one thing; `worst` is what it means that it fails."""

    look: Callable[[], Finding]
    worst: Status
    advice: str


def _database() -> Finding:
    fetch_verdict(_NOBODY, database())
    return Finding(Status.OK, "Verdicts can be read.")


def _cache() -> Finding:
    if conf.SESSIONS_HUB_CACHE is None:
        return Finding(Status.OFF, "SESSIONS_HUB_CACHE is not set.")
    store = tombstones.cache()
    key, value = f"sessions_hub:health:{token_hex(8)}", token_hex(8)
    try:
        store.set(key, value, timeout=10)
        if store.get(key) != value:
            raise LookupError("it does not hold what was written to it")
        store.delete(key)
    finally:
        store.close()
    return Finding(Status.OK, "Verdicts can be kept and read.")


def _geoip() -> Finding:
    found = geoip.databases()
    if not found:
        return Finding(Status.OFF, "SESSIONS_HUB_GEOIP_PATH is not set.")
    for one in found:
        if one.problem:
            return Finding(Status.DEGRADED, f"{one.path}: {one.problem}", _NEW_FILE)
    ages = {one.path: timezone.now() - one.built for one in found if one.built is not None}
    for path, age in ages.items():
        if age > GEOIP_AGE:
            return Finding(Status.DEGRADED, f"{path} was built {age.days} days ago.", _NEW_FILE)
    if not ages:
        return Finding(Status.OK, "The files can be read; they do not say how old they are.")
    return Finding(Status.OK, f"The oldest file was built {max(ages.values()).days} days ago.")


def _hash_keys() -> Finding:
    if not all(conf.SESSIONS_HUB_HASH_KEYS):
        raise ValueError("a key is empty")
    count = len(digests("health"))
    return Finding(Status.OK, f"{count} {'key' if count == 1 else 'keys'}.")


@sensitive_variables()
def _encryption_keys() -> Finding:
    ring = key_ring()
    if not ring:
        return Finding(Status.OFF, "SESSIONS_HUB_ENCRYPTION_KEYS is not set.")
    place = encryption.Place("health", str(_NOBODY), "probe")
    for key in ring:
        if encryption.decrypt(encryption.encrypt("probe", place, key), place, ring) != "probe":
            raise ValueError("what was encrypted is not what was decrypted")
    return Finding(Status.OK, f"{len(ring)} {'key' if len(ring) == 1 else 'keys'}.")


@sensitive_variables()
def _signing_keys() -> Finding:
    if not conf.SESSIONS_HUB_JWT_KEYS:
        return Finding(Status.OFF, "SESSIONS_HUB_JWT_KEYS is not set.")
    ring = jwt_keys.key_ring()
    if ring.problems:
        return Finding(Status.DEGRADED, "; ".join(ring.problems) + ".", _JWT)
    signing = [key for key in ring.keys if key.state == jwt_keys.SIGNING]
    if not signing:
        return Finding(Status.DEGRADED, "No key signs.", _JWT)
    for key in signing:
        sign(b"health", key.key, key.algorithm)
    return Finding(Status.OK, f"{len(signing)} of {len(ring.keys)} can sign.")


_NEW_FILE = "Fetch a new file and put it in the place of the old one (docs/geoip.md)."
_JWT = "Correct SESSIONS_HUB_JWT_KEYS: `manage.py check` says what is wrong with which key."

PROBES: Mapping[str, Probe] = {
    "database": Probe(
        _database,
        Status.FAILING,
        "Look at the database that the router gives for writes of Session: is it up, reachable, "
        "migrated, and is its pool of connections not exhausted?",
    ),
    "cache": Probe(
        _cache,
        Status.DEGRADED,
        "Look at the cache of SESSIONS_HUB_CACHE. Until it is back every request asks the "
        "database, and an end holds SESSIONS_HUB_CACHE_TTL later at the latest.",
    ),
    "hash_keys": Probe(
        _hash_keys,
        Status.FAILING,
        "Correct SESSIONS_HUB_HASH_KEYS: a list of secret texts, none of them empty.",
    ),
    "encryption_keys": Probe(
        _encryption_keys,
        Status.DEGRADED,
        "Correct SESSIONS_HUB_ENCRYPTION_KEYS: `manage.py check` says what is wrong. Until then "
        "the tokens of providers are neither stored nor read.",
    ),
    "signing_keys": Probe(_signing_keys, Status.DEGRADED, _JWT),
    "geoip": Probe(_geoip, Status.DEGRADED, _NEW_FILE),
}
