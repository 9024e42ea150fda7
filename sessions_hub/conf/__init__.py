"""The settings, one typed property each. The comments are their documentation.

Every property reads Django's settings live, so `override_settings` works and
nothing is cached. Wrong values are reported by `sessions_hub.checks`; a property
returns the value as given.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from .answers import AnswerSettings
from .clients import DEFAULT_BACKEND, DEFAULT_GEOIP_ASN, ClientSettings
from .credentials import CredentialSettings
from .pages import DEFAULT_BASE, PageSettings
from .retention import RetentionSettings
from .sessions import SessionSettings

__all__ = [
    "DEFAULT_BACKEND",
    "DEFAULT_BASE",
    "DEFAULT_GEOIP_ASN",
    "NAMES",
    "PREFIX",
    "conf",
    "configured",
]

PREFIX = "SESSIONS_HUB_"


class Settings(
    SessionSettings,
    RetentionSettings,
    ClientSettings,
    CredentialSettings,
    AnswerSettings,
    PageSettings,
):
    """Django's settings named `SESSIONS_HUB_*`, with their defaults."""


conf = Settings()

NAMES: frozenset[str] = frozenset(name for name in dir(Settings) if name.startswith(PREFIX))


def configured() -> dict[str, Any]:
    """Every `SESSIONS_HUB_*` setting the project has set, known or not."""
    return {name: getattr(settings, name) for name in dir(settings) if name.startswith(PREFIX)}
