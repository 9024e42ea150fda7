"""Keys that somebody else publishes: fetched now and then, never as often as asked.

For resource servers; needs neither Django's settings nor a database.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener
from weakref import WeakSet

from .jwt_errors import InvalidToken
from .jwt_key_set import KeySet, VerificationKey, key_set

MAX_DOCUMENT = 65536
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})

_sources: WeakSet[JwksSource] = WeakSet()


class JwksSource:
    """The keys behind `fetch`, which returns a JWK Set as a mapping, or raises.

    Fetched again after `max_age` seconds, and for an unknown key; never within
    `cooldown` seconds of the last attempt, so that made-up key names cause no storm.
    While it cannot be fetched the last set is used, up to `max_stale` seconds old. Safe
    for threads: one fetches, the others go on with what there is.
    """

    def __init__(
        self,
        fetch: Callable[[], Any],
        *,
        max_age: float = 300,
        cooldown: float = 30,
        max_stale: float = 3600,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._fetch = fetch
        self._max_age = max_age
        self._cooldown = cooldown
        self._max_stale = max(max_stale, max_age)
        self._clock = clock
        self._lock = Lock()
        self._keys: KeySet = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        _sources.add(self)

    def get(self, kid: str) -> VerificationKey | None:
        """The key of this name; None where there is none.

        Raises InvalidToken ("keys_unavailable") while no set is known that is fresh enough.
        """
        if self._is_older_than(self._max_age) or kid not in self._keys:
            self._refresh()
        if self._is_older_than(self._max_stale):
            raise InvalidToken("keys_unavailable")
        return self._keys.get(kid)

    def _is_older_than(self, age: float) -> bool:
        return self._fetched_at is None or self._clock() - self._fetched_at >= age

    def _may_try(self) -> bool:
        return self._tried_at is None or self._clock() - self._tried_at >= self._cooldown

    def _refresh(self) -> None:
        # Whoever has nothing to go on with waits for the one that fetches.
        must_wait = self._is_older_than(self._max_stale)
        if not self._lock.acquire(blocking=must_wait):
            return
        try:
            if not self._may_try():
                return
            self._tried_at = self._clock()
            # Symmetric keys that came over a network are nobody's secret.
            self._keys = key_set(self._fetch(), may_be_secret=False)
            self._fetched_at = self._clock()
        # Whatever the network, the server or the caller's function does wrong.
        except Exception:  # noqa: BLE001
            return
        finally:
            self._lock.release()


def _renew_locks() -> None:
    # A thread that fetches while another forks is not there in the child.
    for source in list(_sources):
        source._lock = Lock()
        if source._fetched_at is None:
            source._tried_at = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)


class _NoRedirects(HTTPRedirectHandler):
    """Keys come from the address they were said to be at, or not at all."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def fetch_url(url: str, *, timeout: float = 5) -> Callable[[], Any]:
    """A `fetch` for JwksSource that gets a URL: https only, but for this very machine.

    Follows no redirect and reads at most 64 KB. `timeout` is in seconds. Raises
    ValueError for another URL.
    """
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in _LOCAL
    if not (parts.scheme == "https" and parts.hostname) and not is_local:
        raise ValueError("Keys are fetched by https.")
    opener = build_opener(_NoRedirects)

    def fetch() -> Any:
        with opener.open(url, timeout=timeout) as response:
            body = response.read(MAX_DOCUMENT + 1)
        if len(body) > MAX_DOCUMENT:
            raise ValueError("The document is too long.")
        return json.loads(body)

    return fetch
