"""The client device-detector found, in Matomo's six types and with its engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sessions_hub.understanding.client_hints import read_hints
from sessions_hub.understanding.facts import ClientFacts

from .engine import engine_of, engine_version
from .tables import Tables

# Test programs, which it calls by the browser inside them.
_DISGUISED = re.compile(r"\b(Cypress|PhantomJS)/(\d[\d.]*)")

_MOBILE = frozenset({"Android", "HarmonyOS", "iOS", "iPadOS", "tvOS", "watchOS"})


class Clients:
    """Turns device-detector's client into the client columns of `ClientFacts`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def client(self, found: Any, text: str, hints: Mapping[str, str]) -> ClientFacts:
        """The client of `found`, a parsed `DeviceDetector` of `text` sent with `hints`."""
        if disguised := _DISGUISED.search(text):
            return ClientFacts(
                client_type="library", client_name=disguised[1], client_version=disguised[2]
            )
        name, version = found.client_name(), found.client_version()
        kind = str(found.client_type())
        if not (kind and name):
            return ClientFacts()
        if kind == "generic":
            return _of_its_own_name(found, text)
        kind = self._tables.client_type(kind, name)
        listed, engines = self._tables.entry(found.client)
        # X-Requested-With named an app, or a browser, that is made of another one.
        renamed = bool(found.headers and listed) and listed != name and "\\" not in listed
        version = "" if renamed else version
        if kind != "browser":
            kind = "mobile app" if renamed else kind
            return ClientFacts(client_type=kind, client_name=name, client_version=version)
        engine = engine_of(None if renamed else engines, version, text)
        name, version = self._tables.branded(name, read_hints(hints).brands) or (name, version)
        return ClientFacts(
            client_type=kind,
            client_code=self._tables.browser_code(name),
            client_name=name,
            client_version=version,
            client_engine=engine,
            client_engine_version=engine_version(engine, text),
        )


def _of_its_own_name(found: Any, text: str) -> ClientFacts:
    """What no list knows ("MyApp/1.0"): an app where the system is mobile, else a library.

    Matomo leaves it out. Here it may be the client of the site's own API.
    """
    if text.startswith("Mozilla/") or found.device_type() == "feature phone":
        return ClientFacts()
    mobile = found.os_name() in _MOBILE or "CFNetwork/" in text
    return ClientFacts(
        client_type="mobile app" if mobile else "library",
        client_name=found.client_name(),
        client_version=found.client_version(),
    )
