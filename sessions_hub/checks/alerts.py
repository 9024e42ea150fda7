"""Checks of moves and alerts: what they need of the site around."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.urls import NoReverseMatch, reverse

from sessions_hub.conf import conf

from .values import Apps

_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_OF_PLACE = {"country", "autonomous_system", "travel"}


def check_alerts(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """Alerts have a link that can be trusted, and moves have places to compare."""
    # Wrong values have their own message.
    alerts = set(_texts(conf.SESSIONS_HUB_ALERTS))
    messages = list(_of_places(alerts))
    if alerts:
        messages += [*_of_link(), *_of_mail()]
    return messages


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if hasattr(value, "__iter__") else []


def _of_places(alerts: set[str]) -> Iterator[CheckMessage]:
    rules: Any = conf.SESSIONS_HUB_BINDING
    bound = {
        cause
        for cause in _texts(rules)
        if isinstance(rules, dict) and cause in _OF_PLACE and rules[cause] != "ignore"
    }
    if (bound or "country" in alerts) and conf.SESSIONS_HUB_GEOIP_PATH is None:
        yield Warning(
            "SESSIONS_HUB_BINDING or SESSIONS_HUB_ALERTS names places, and no place is known "
            "without a GeoIP database: nothing will come of it.",
            hint="Set SESSIONS_HUB_GEOIP_PATH.",
            id="sessions_hub.W110",
        )


def _of_link() -> Iterator[CheckMessage]:
    try:
        reverse("sessions_hub:not-me", args=["token"])
    except NoReverseMatch:
        yield Warning(
            "Alerts carry no link to end a session that was not the user's: there is no page "
            "for it.",
            hint='Add path("account/", include("sessions_hub.account.urls")) to your URLs.',
            id="sessions_hub.W111",
        )
    if conf.SESSIONS_HUB_BASE_URL is None and "*" in settings.ALLOWED_HOSTS:
        yield Warning(
            "Alerts carry no link to end a session that was not the user's: ALLOWED_HOSTS "
            "accepts any host, so that whoever signs in could choose where it leads.",
            hint='Set SESSIONS_HUB_BASE_URL = "https://…", or name your hosts.',
            id="sessions_hub.W112",
        )


def _of_mail() -> Iterator[CheckMessage]:
    if not _has_worker() and _waits_for_ever():
        yield Warning(
            "A mail server that does not answer would hold up every sign-in with an alert.",
            hint="Set a timeout for mail (EMAIL_TIMEOUT = 10), or TASKS to a backend with a "
            "worker.",
            id="sessions_hub.W113",
        )


def _has_worker() -> bool:
    tasks: Any = getattr(settings, "TASKS", None)
    backend = tasks.get("default", {}).get("BACKEND", "") if isinstance(tasks, dict) else ""
    # Django's own two have none.
    return bool(backend) and not backend.startswith("django.tasks.backends.")


def _waits_for_ever() -> bool:
    mailers: Any = getattr(settings, "MAILERS", None)
    if mailers is None:
        with warnings.catch_warnings():
            # Deprecated since Django 6.1, and still what most sites have.
            warnings.simplefilter("ignore")
            return settings.EMAIL_BACKEND == _SMTP and settings.EMAIL_TIMEOUT is None
    mailer = mailers.get("default", {})
    is_smtp = mailer.get("BACKEND", _SMTP) == _SMTP
    return is_smtp and mailer.get("OPTIONS", {}).get("timeout") is None
