"""Checks of how clients and their addresses are read."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.utils.module_loading import import_string

from sessions_hub.conf import DEFAULT_BACKEND, conf

from .values import Apps, is_backend


def check_backend(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """A backend that cannot work leaves the client of every sign-in unknown."""
    path = conf.SESSIONS_HUB_USER_AGENT_BACKEND
    if path == DEFAULT_BACKEND or not is_backend(path):
        return []
    try:
        problem = import_string(path).problem()
    # A module of the site's own may fail in any way.
    except Exception as error:  # noqa: BLE001
        problem = f"{path}.problem() failed: {error!r}"
    if not problem:
        return []
    return [
        Error(
            f"SESSIONS_HUB_USER_AGENT_BACKEND cannot work: {problem}",
            hint="Until then the clients of sign-ins stay unknown.",
            id="sessions_hub.E073",
        )
    ]


def check_proxies(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """A header that nothing makes trustworthy is not read."""
    trusts = conf.SESSIONS_HUB_TRUSTED_PROXIES or conf.SESSIONS_HUB_PROXY_COUNT
    if conf.SESSIONS_HUB_CLIENT_ADDRESS_HEADER is None or trusts:
        return []
    return [
        Warning(
            "SESSIONS_HUB_CLIENT_ADDRESS_HEADER is set, but no proxy is trusted: it is not read.",
            hint="Set SESSIONS_HUB_TRUSTED_PROXIES, or SESSIONS_HUB_PROXY_COUNT.",
            id="sessions_hub.W031",
        )
    ]
