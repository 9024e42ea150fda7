"""Checks of what makes requests cheaper: the backends of `sessions_hub.auth`, the engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.utils.module_loading import import_string

from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.joined import why_not_joined

from .values import Apps

BACKEND = "sessions_hub.auth.ModelBackend"
DJANGOS_BACKEND = "django.contrib.auth.backends.ModelBackend"


def check_speed(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """What was set up to save queries does save them."""
    return list(_backend_messages(list(settings.AUTHENTICATION_BACKENDS)))


def _backend_messages(listed: list[str]) -> Iterator[CheckMessage]:
    taking = {path: takes for path in listed if (takes := _takes_users(path)) is not None}
    if not taking:
        return
    for path, takes in taking.items():
        if not takes:
            yield Warning(
                f"'{path}' has VerdictUserMixin in front of a class that reads users in a way of "
                "its own: the mixin does nothing.",
                hint="Put the mixin directly in front of Django's ModelBackend, or drop it.",
                id="sessions_hub.W131",
            )
    if any(taking.values()) and (reason := why_not_joined(database())):
        yield Warning(
            f"Users cannot be read along with their sessions: {reason}.",
            hint=f"Requests stay right, and as fast as without '{BACKEND}'. "
            "See docs/speed.md for what can be joined, or silence sessions_hub.W130.",
            id="sessions_hub.W130",
        )
    if BACKEND in listed and DJANGOS_BACKEND in listed[: listed.index(BACKEND)]:
        yield Warning(
            f"'{DJANGOS_BACKEND}' stands before '{BACKEND}', which gets no sign-in.",
            hint="Put ours first. Sessions that began with Django's go on with Django's.",
            id="sessions_hub.W132",
        )


def _takes_users(path: str) -> bool | None:
    """Whether a backend takes users that were read along; None for one that never would."""
    try:
        return getattr(import_string(path), "takes_verdict_user", None)
    # As Django does not import backends for a check, its own message comes later.
    except Exception:  # noqa: BLE001
        return None
