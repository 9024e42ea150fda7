"""User agent backends whose answers can be read off what they are asked."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping

from sessions_hub.understanding import ClientFacts
from sessions_hub.understanding.backends.base import UserAgentBackend


class Plain(UserAgentBackend):
    """Reads "Mac 10.9; Fox 9.1; desktop", and raises for "broken"."""

    bounded = True

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        if user_agent == "broken":
            raise RuntimeError("no idea\x1b[2J")
        system, client, kind = user_agent.split("; ")
        return ClientFacts(
            os_name=system.rpartition(" ")[0],
            os_version=system.rpartition(" ")[2],
            client_name=client.rpartition(" ")[0],
            client_version=client.rpartition(" ")[2],
            device_type=kind,
        )


class Shouting(Plain):
    """The same in capitals: a backend that tells another story."""

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        return super().parse(user_agent.upper(), headers)


class Ignorant(Plain):
    """Recognises nothing."""

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        return ClientFacts()


class Deadly(Plain):
    """Is killed by "stop", as by the machine running out of memory."""

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        if user_agent.startswith("stop"):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().parse(user_agent, headers)


class Slow(Plain):
    """Takes its time."""

    bounded = False

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        time.sleep(0.5)
        return super().parse(user_agent, headers)


class NotReady(UserAgentBackend):
    """Cannot be made."""

    def __init__(self) -> None:
        raise OSError("its file is missing")

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        raise NotImplementedError
