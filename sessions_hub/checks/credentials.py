"""Checks of the keys that secrets are stored under. No message shows a key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from sessions_hub.conf import conf
from sessions_hub.credentials.keys import is_weak

from .values import Apps

_NEW_KEY = (
    "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))', and keep the "
    "old ones behind it until rotatesessionkeys has run."
)
PIPELINE_STEP = "sessions_hub.integrations.social_auth.record_provider"


def check_encryption_keys(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """The keys are there where they are needed, strong, distinct and used for nothing else."""
    return list(_messages())


def _messages() -> Iterator[CheckMessage]:
    exposes: object = conf.SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS
    if not isinstance(exposes, bool):
        yield Error(
            "SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS must be True or False.",
            hint=f"It is {exposes!r} now, and nobody gets a token.",
            id="sessions_hub.E161",
        )
    keys: object = conf.SESSIONS_HUB_ENCRYPTION_KEYS
    if not isinstance(keys, list | tuple) or not all(isinstance(key, str) for key in keys):
        yield Error(
            "SESSIONS_HUB_ENCRYPTION_KEYS must be a list of secret texts.",
            hint="Its value is not shown: it is secret.",
            id="sessions_hub.E160",
        )
    elif keys:
        yield from _about_keys(list(keys))
    else:
        yield from _about_no_keys(exposes)


def _about_no_keys(exposes: object) -> Iterator[CheckMessage]:
    if exposes is True:
        yield Error(
            "SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS needs SESSIONS_HUB_ENCRYPTION_KEYS: without a "
            "key no token is stored.",
            hint=_NEW_KEY,
            id="sessions_hub.E162",
        )
    elif PIPELINE_STEP in (getattr(settings, "SOCIAL_AUTH_PIPELINE", None) or ()):
        yield Warning(
            f"'{PIPELINE_STEP}' stores no tokens: SESSIONS_HUB_ENCRYPTION_KEYS is empty.",
            hint=_NEW_KEY,
            id="sessions_hub.W160",
        )


def _about_keys(keys: list[str]) -> Iterator[CheckMessage]:
    if weak := [str(place) for place, key in enumerate(keys, 1) if is_weak(key)]:
        yield Error(
            "SESSIONS_HUB_ENCRYPTION_KEYS has keys that are too short, or not random. By their "
            f"place in the list: {', '.join(weak)}.",
            hint=_NEW_KEY,
            id="sessions_hub.E163",
        )
    if len(set(keys)) < len(keys):
        yield Error(
            "SESSIONS_HUB_ENCRYPTION_KEYS has a key twice.",
            hint="Keep it where it came first.",
            id="sessions_hub.E164",
        )
    others = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if isinstance(conf.SESSIONS_HUB_HASH_KEYS, list | tuple):
        others += conf.SESSIONS_HUB_HASH_KEYS
    if any(key in others for key in keys):
        yield Error(
            "SESSIONS_HUB_ENCRYPTION_KEYS has a key that is used for something else too: "
            "SECRET_KEY, one of its fallbacks, or one of SESSIONS_HUB_HASH_KEYS.",
            hint=_NEW_KEY,
            id="sessions_hub.E165",
        )
