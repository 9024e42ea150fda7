"""What people sign in with: kinds of clients whose versions grow over the weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from example_project.demo import agents
from example_project.demo.agents import Agent
from sessions_hub.capture import ClientSnapshot
from sessions_hub.capture.snapshot import given_snapshot
from sessions_hub.models.client import client_values
from sessions_hub.understanding import understand_client

# Browsers come out every four weeks, the newest ten days before the end of the history.
EVERY = timedelta(weeks=4)
NEWEST_IS_OLD = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Kind:
    """A client as people choose it; `releases` are what it has called itself, newest first."""

    form: str
    releases: tuple[Agent, ...]

    def at(self, moment: datetime, now: datetime, lag: timedelta) -> Agent:
        """What it is at `moment` where updates are installed `lag` after they come out."""
        behind = now - NEWEST_IS_OLD + lag - moment
        number = max(0, -(-behind // EVERY))
        return self.releases[min(number, len(self.releases) - 1)]


def _releases(make: Any, *versions: Any) -> tuple[Agent, ...]:
    return tuple(make(version) for version in versions)


DESK, PHONE, TABLET = "desk", "phone", "tablet"
SHARES: Mapping[str, Mapping[Kind, float]] = {
    DESK: {
        Kind(DESK, _releases(agents.chrome_windows, 142, 141, 140)): 34,
        Kind(DESK, _releases(agents.edge_windows, 142, 141, 140)): 17,
        Kind(DESK, _releases(agents.chrome_mac, 142, 141, 140)): 13,
        Kind(DESK, _releases(agents.safari_mac, "26.1", "26.0", "18.6")): 12,
        Kind(DESK, _releases(agents.firefox_windows, 145, 144, 143)): 10,
        Kind(DESK, _releases(agents.firefox_linux, 145, 144, 143)): 7,
        Kind(DESK, _releases(agents.chrome_chromebook, 142, 141, 140)): 4,
        Kind(DESK, _releases(agents.opera_mac, 123, 122, 121)): 3,
    },
    PHONE: {
        Kind(PHONE, _releases(agents.safari_iphone, "26.1", "26.0", "18.6")): 41,
        Kind(PHONE, tuple(agents.chrome_android("Pixel 9", v) for v in (142, 141, 140))): 14,
        Kind(PHONE, tuple(agents.chrome_android("SM-S931B", v) for v in (142, 141, 140))): 21,
        Kind(PHONE, tuple(agents.chrome_android("SM-A556B", v) for v in (142, 141, 140))): 10,
        Kind(PHONE, _releases(agents.firefox_android, 145, 144, 143)): 5,
        Kind(PHONE, (agents.ANDROID_APP,)): 4,
        Kind(PHONE, (agents.iphone_app(318, "25.1.0"), agents.iphone_app(317, "25.0.0"))): 5,
    },
    TABLET: {
        Kind(TABLET, (agents.CHROME_IPAD,)): 3,
        Kind(TABLET, _releases(agents.samsung_tablet, 29, 28)): 2,
    },
}
# What an intruder came with, and what keys of the API are used by.
STRANGER = Kind(DESK, (agents.PYTHON_SCRIPT,))
SCRIPTS: Mapping[Kind, float] = {
    Kind("script", (agents.PYTHON_SCRIPT,)): 5,
    Kind("script", (agents.CURL,)): 3,
    Kind("script", (agents.POSTMAN,)): 1,
}


@lru_cache(maxsize=256)
def snapshot_of(agent: Agent, address: str) -> ClientSnapshot:
    """What a request of this client from this address would tell."""
    return given_snapshot(address, agent.user_agent, agent.hints)


@lru_cache(maxsize=256)
def columns_of(agent: Agent) -> Mapping[str, Any]:
    """The client columns, read from what the client sends as at any sign-in."""
    snapshot = given_snapshot("192.0.2.1", agent.user_agent, agent.hints)
    return client_values(snapshot, understand_client(snapshot))
