"""Checks of the site around the app: middleware, sessions, deployment."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.signed_cookies import SessionStore as SignedCookieStore
from django.core.checks import CheckMessage, Error, Warning
from django.utils.module_loading import import_string

from sessions_hub.conf import conf

from .values import Apps

MIDDLEWARE = "sessions_hub.middleware.SessionsHubMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
# Middleware that judges the user, and must see ours have judged first.
_AFTER = {
    "django.contrib.auth.middleware.RemoteUserMiddleware",
    "django.contrib.auth.middleware.PersistentRemoteUserMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "hijack.middleware.HijackUserMiddleware",
}


def check_middleware(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """The middleware is there, right behind the one that sets `request.user`."""
    return list(_middleware_messages(list(settings.MIDDLEWARE)))


def _middleware_messages(listed: list[str]) -> Iterator[CheckMessage]:
    ancestries = [_ancestry(path) for path in listed]
    ours = [place for place, names in enumerate(ancestries) if MIDDLEWARE in names]
    if not ours:
        # A warning: the app and its tables come before the middleware, and go after it.
        yield Warning(
            "The middleware of sessions_hub is missing: sessions are recorded, but an ended "
            "one stays signed in.",
            hint=f"Add '{MIDDLEWARE}' to MIDDLEWARE, right after '{AUTHENTICATION}'.",
            id="sessions_hub.W020",
        )
        return
    if len(ours) > 1:
        yield Error(
            "The middleware of sessions_hub is listed twice.",
            hint="Keep one.",
            id="sessions_hub.E022",
        )
    before = ancestries[: ours[0]]
    move = f"Put '{listed[ours[0]]}' right after '{AUTHENTICATION}'."
    if not any(AUTHENTICATION in names for names in before):
        yield Error(
            "The middleware of sessions_hub stands before AuthenticationMiddleware, or without it.",
            hint=move,
            id="sessions_hub.E021",
        )
    if early := [path for path, names in zip(listed, before, strict=False) if names & _AFTER]:
        yield Error(
            f"'{early[0]}' stands before the middleware of sessions_hub and would see a user "
            "whose session has ended, or replace one unseen.",
            hint=move,
            id="sessions_hub.E023",
        )
    elif between := _between(listed, before):
        yield Warning(
            f"'{between[0]}' stands between AuthenticationMiddleware and the middleware of "
            "sessions_hub: it sees users whose session has ended.",
            hint=move,
            id="sessions_hub.W026",
        )


def _between(listed: list[str], before: list[set[str]]) -> list[str]:
    places = [place for place, names in enumerate(before) if AUTHENTICATION in names]
    return listed[places[-1] + 1 : len(before)] if places else []


def _ancestry(path: str) -> set[str]:
    """The dotted paths of a middleware's class and of all it derives from."""
    try:
        middleware = import_string(path)
    except ImportError:
        # Django's own message is the better one.
        return {path}
    classes = getattr(middleware, "__mro__", ())
    return {path, *(f"{one.__module__}.{one.__qualname__}" for one in classes)}


def check_sessions(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """Time zones, and adoption where the client holds the session's data."""
    messages: list[CheckMessage] = []
    if not settings.USE_TZ:
        messages.append(
            Error(
                "sessions_hub needs USE_TZ = True: local time repeats an hour every autumn, and "
                "limits would be wrong by it.",
                hint="Set USE_TZ = True.",
                id="sessions_hub.E024",
            )
        )
    try:
        store = import_module(settings.SESSION_ENGINE).SessionStore
    except (ImportError, AttributeError):
        # Django's own message is the better one.
        return messages
    if (
        issubclass(store, SignedCookieStore)
        and conf.SESSIONS_HUB_UNKNOWN_SESSION == "adopt"
        and conf.SESSIONS_HUB_ADOPT_UNTIL is None
    ):
        messages.append(
            Error(
                "With signed_cookies sessions an old cookie without a marker can be replayed, and "
                "would be adopted for ever.",
                hint="Set SESSIONS_HUB_ADOPT_UNTIL to the day all old cookies have expired "
                '(today + SESSION_COOKIE_AGE), or SESSIONS_HUB_UNKNOWN_SESSION = "deny".',
                id="sessions_hub.E025",
            )
        )
    return messages


def check_deployment(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """What a production site should do better."""
    messages: list[CheckMessage] = []
    if conf.SESSIONS_HUB_LIMITS != "nist":
        messages.append(
            Warning(
                "Sessions last as long as Django keeps them, whatever proved them.",
                hint='Consider SESSIONS_HUB_LIMITS = "nist", or silence sessions_hub.W040.',
                id="sessions_hub.W040",
            )
        )
    trusts = conf.SESSIONS_HUB_TRUSTED_PROXIES or conf.SESSIONS_HUB_PROXY_COUNT
    if trusts and conf.SESSIONS_HUB_CLIENT_ADDRESS_HEADER is None:
        messages.append(
            Warning(
                "Two headers may tell the client's address, and your proxy writes one of them: a "
                "client that sends the other hides its address.",
                hint="Name your proxy's own in SESSIONS_HUB_CLIENT_ADDRESS_HEADER, such as "
                '"X-Forwarded-For".',
                id="sessions_hub.W042",
            )
        )
    if not conf.SESSIONS_HUB_ENFORCE:
        messages.append(
            Warning(
                "SESSIONS_HUB_ENFORCE is False: ended sessions stay signed in.",
                hint="Set it to True once the trial run is over.",
                id="sessions_hub.W041",
            )
        )
    return messages
