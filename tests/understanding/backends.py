"""Backends that go wrong in every way one can."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event

from sessions_hub.understanding import ClientFacts
from sessions_hub.understanding.backends import UserAgentBackend

#: Lets every sleeping backend go on.
wake = Event()


class Echo(UserAgentBackend):
    """Answers, and remembers what it was asked."""

    asked: list[tuple[str, Mapping[str, str]]] = []
    built = 0

    def __init__(self) -> None:
        type(self).built += 1

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        self.asked.append((user_agent, dict(headers)))
        return ClientFacts(client_name=user_agent, client_version="1.2.3")


class Raises(UserAgentBackend):
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        raise ValueError("broken")


class Exits(UserAgentBackend):
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        raise SystemExit(3)


class Recurses(UserAgentBackend):
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        return self.parse(user_agent, headers)


class Sleeps(UserAgentBackend):
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        wake.wait(30)
        return ClientFacts(client_name="too late")


class Unloadable(UserAgentBackend):
    built = 0

    def __init__(self) -> None:
        type(self).built += 1
        raise OSError("tables are missing")

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        raise AssertionError


class Nothing(UserAgentBackend):
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        return None  # type: ignore[return-value]


class Dictionary(UserAgentBackend):
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        return {"client_name": "x"}  # type: ignore[return-value]


class WrongTypes(UserAgentBackend):
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        return ClientFacts(client_engine={}, os_name=None)  # type: ignore[arg-type]


class TooLong(UserAgentBackend):
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        names = [name for name in ClientFacts.__slots__ if name != "is_bot"]
        return ClientFacts(**dict.fromkeys(names, "x" * 600))


class Unprintable(UserAgentBackend):
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        return ClientFacts(client_name="a\0b\ud800c\x1b[1m", device_brand="Citroën", is_bot=1)  # type: ignore[arg-type]


class Leaves(UserAgentBackend):
    def __init__(self) -> None:
        raise SystemExit(3)

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        raise AssertionError


class Quick(UserAgentBackend):
    bounded = True

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        return ClientFacts(client_name="quick")


class SlowerThanItsParent(Quick):
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        wake.wait(30)
        return super().parse(user_agent, headers)


class ClearsHeaders(UserAgentBackend):
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        headers.clear()  # type: ignore[attr-defined]
        return ClientFacts()


class NoVersion(UserAgentBackend):
    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        return ClientFacts(client_name="Acme", client_version=None, os_version=7)  # type: ignore[arg-type]


class NoBackend:
    pass


class MuteError(Exception):
    def __str__(self) -> str:
        raise AttributeError("what")

    __repr__ = __str__


class Mute(UserAgentBackend):
    def __init__(self) -> None:
        raise MuteError

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        raise AssertionError
