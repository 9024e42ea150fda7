"""A process that forks while one of its threads holds a lock leaves the child able to work.

A server that loads the site before it forks its workers may answer a request meanwhile.
"""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from time import monotonic
from typing import Any

import pytest

from sessions_hub.credentials.jwks_source import JwksSource
from sessions_hub.health import Finding, Status, check
from sessions_hub.health import run as runner
from sessions_hub.health.probes import Probe
from sessions_hub.lifecycle import counting

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")


def works_in_a_child(held: Lock, work: Callable[[], bool]) -> bool:
    """Whether `work` returns true in a child that was forked while `held` was."""
    with held, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
        if child == 0:
            # Kills it, whatever it waits for.
            signal.alarm(20)
            ok = False
            try:
                ok = work()
            finally:
                os._exit(0 if ok else 1)
    return os.waitpid(child, 0)[1] == 0


def test_health_is_told(monkeypatch):
    probes = {"quick": Probe(lambda: Finding(Status.OK, "well"), Status.FAILING, "nothing")}
    monkeypatch.setattr(runner, "PROBES", probes)
    monkeypatch.setattr(runner, "_runs", {})
    assert works_in_a_child(runner._lock, lambda: check(["quick"])[0].message == "well")


def test_attempts_are_counted_without_a_cache(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    minute = timedelta(minutes=1)

    def counts() -> bool:
        counting.forget("forked")
        return counting.count("forked", minute).events == 1

    assert works_in_a_child(counting._lock, counts)


def test_keys_are_fetched():
    asked: list[None] = []

    def fetch() -> Any:
        asked.append(None)
        return {"keys": []}

    source = JwksSource(fetch)
    # As while a thread fetches that the child has not.
    source._tried_at = monotonic()
    assert works_in_a_child(source._lock, lambda: source.get("x") is None and bool(asked))
