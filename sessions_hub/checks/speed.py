"""Checks of what makes requests cheaper: the backends of `sessions_hub.auth`, the engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import router
from django.utils.module_loading import import_string

from sessions_hub.conf import conf
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.joined import why_not_joined

from .values import Apps

BACKEND = "sessions_hub.auth.ModelBackend"
ENGINE = "sessions_hub.engine.store"
ENGINE_APP = "sessions_hub.engine"
ENGINE_LABEL = "sessions_hub_engine"
DJANGOS_BACKEND = "django.contrib.auth.backends.ModelBackend"


def check_speed(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """What was set up to save queries does save them."""
    return [
        *_backend_messages(list(settings.AUTHENTICATION_BACKENDS)),
        *_engine_messages(),
    ]


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


def _engine_messages() -> Iterator[CheckMessage]:
    if settings.SESSION_ENGINE != ENGINE:
        return
    if not apps.is_installed(ENGINE_APP):
        yield Error(
            f"SESSION_ENGINE is '{ENGINE}', and its table is missing: '{ENGINE_APP}' is not in "
            "INSTALLED_APPS.",
            hint=f"Add '{ENGINE_APP}' to INSTALLED_APPS and run `migrate`.",
            id="sessions_hub.E130",
        )
        return
    sessions = router.db_for_read(apps.get_app_config(ENGINE_LABEL).get_model("DjangoSession"))
    if sessions != (alias := database()):
        yield Warning(
            f"The session engine saves no query: it reads Django's sessions from the database "
            f"'{sessions}', and sign-ins are read from '{alias}'.",
            hint="Let the routers read the apps 'sessions_hub_engine' and 'sessions_hub' from one "
            "database, or use Django's own engine.",
            id="sessions_hub.W133",
        )
    if conf.SESSIONS_HUB_ENGINE_TAKES_OVER and not apps.is_installed("django.contrib.sessions"):
        yield Error(
            "SESSIONS_HUB_ENGINE_TAKES_OVER is True, and there is no table to take sessions "
            "over from: 'django.contrib.sessions' is not in INSTALLED_APPS.",
            hint="Add it until its sessions have expired, or set the setting to False.",
            id="sessions_hub.E131",
        )


def _takes_users(path: str) -> bool | None:
    """Whether a backend takes users that were read along; None for one that never would."""
    try:
        return getattr(import_string(path), "takes_verdict_user", None)
    # As Django does not import backends for a check, its own message comes later.
    except Exception:  # noqa: BLE001
        return None
