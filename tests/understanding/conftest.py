"""User agent backends that nobody has asked yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from sessions_hub import logs
from sessions_hub.capture import ClientSnapshot
from sessions_hub.understanding import ClientFacts, deadline, understand_client
from sessions_hub.understanding import client as client_module
from sessions_hub.understanding.backends import base
from tests.understanding import backends


@pytest.fixture
def fresh_backends(monkeypatch) -> Iterator[None]:
    """None is loaded, none has failed, no thread is stuck; sleeping ones are woken at the end."""
    monkeypatch.setattr(logs, "_last", {})
    backends.wake.clear()
    backends.Echo.asked.clear()
    client_module._parse.cache_clear()
    monkeypatch.setattr(base, "_loaded", {})
    monkeypatch.setattr(base, "_failed", {})
    monkeypatch.setattr(deadline, "_permits", deadline._Permits())
    yield
    backends.wake.set()
    client_module._parse.cache_clear()


# Given up soon. All others may take the time a busy machine takes.
ASLEEP = {"Sleeps", "SlowerThanItsParent"}


@pytest.fixture
def use(settings) -> Callable[[str], None]:
    """Name one of tests.understanding.backends in the settings."""

    def use(name: str) -> None:
        settings.SESSIONS_HUB_USER_AGENT_BACKEND = f"tests.understanding.backends.{name}"
        settings.SESSIONS_HUB_USER_AGENT_TIMEOUT = timedelta(seconds=0.2 if name in ASLEEP else 60)

    return use


def understand(user_agent: str = "anything", **hints: str) -> ClientFacts:
    return understand_client(ClientSnapshot(user_agent=user_agent, hints=hints))
