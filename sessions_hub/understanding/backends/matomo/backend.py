"""`MatomoBackend`: Matomo's rules, as the package device-detector has them.

It knows brands, models, apps and bots by the thousand, and takes many times as long
as the default backend. `pip install 'django-sessions-hub[matomo]'`
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from threading import Lock

from django.core.exceptions import ImproperlyConfigured

from sessions_hub.understanding.backends.base import UserAgentBackend
from sessions_hub.understanding.facts import ClientFacts

from .input import cut_hints, passed_hints, seen_text

_LOADING = Lock()

# Unknown devices of each kind: device-detector compiles its expressions when it gets
# to them, and these get it through to the end of its lists.
_FIRST = (
    "Mozilla/5.0 (Linux; Android 10; none) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux) HbbTV/1.5.1 (; none; none; ; ;) none crawler",
    "Mozilla/5.0 (Windows NT 10.0) Version/9.0 Safari/602.1.1 [FBAN/FBW;FBMD/none]",
)


def _renew_lock() -> None:
    # A thread that loads while another forks leaves it closed in the child.
    global _LOADING
    _LOADING = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


class MatomoBackend(UserAgentBackend):
    """Constructing it loads device-detector: some seconds and 100 MB.

    Raises ImproperlyConfigured when the package is not installed.
    """

    def __init__(self) -> None:
        if problem := self.problem():
            raise ImproperlyConfigured(problem)
        # The modules import it at their top, so not before here.
        from .clients import Clients
        from .tables import Tables, detector

        with _LOADING:
            self._detector = detector()
            self._tables = Tables()
            self._clients = Clients(self._tables)
            for user_agent in _FIRST:
                self.parse(user_agent, {})

    @classmethod
    def problem(cls) -> str:
        if find_spec("device_detector"):
            return ""
        return (
            "MatomoBackend needs the package device-detector: "
            "pip install 'django-sessions-hub[matomo]'"
        )

    def parse(self, user_agent: str, headers: Mapping[str, str]) -> ClientFacts:
        hints = cut_hints(headers)
        text = seen_text(user_agent, hints)
        found = self._detector(
            text,
            headers=passed_hints(hints) or None,
            skip_bot_detection=True,
            # Its cache hands out one object to several threads and wipes it each time.
            check_cache=False,
        ).parse()
        # On its own, so that a bot has a client and a device like anybody.
        found.skip_bot_detection = False
        found.parse_bot()
        brand = found.device_brand()
        return replace(
            self._clients.client(found, text, hints),
            os_code=self._tables.os_code(found.os_name()),
            os_name=found.os_name(),
            os_version=found.os_version(),
            device_type=_device_type(str(found.device_type()), found.os_name(), text),
            device_brand="" if brand == "Unknown" else brand,
            device_model=found.device_model(),
            is_bot=found.is_bot(),
        )


def _device_type(kind: str, os_name: str, text: str) -> str:
    if kind == "phablet":
        return "smartphone"
    # With any header, it looks for no device in a reduced user agent.
    if not kind and os_name == "Android" and "Chrome/" in text:
        return "smartphone" if "Mobile" in text else "tablet"
    return kind
