"""Checks of the settings of session tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from sessions_hub.credentials.scopes import Scope
from sessions_hub.models import Method

from .values import Apps, Rule, is_texts, wrong_values

_OURS = "sessions_hub.tokens.SessionTokenMiddleware"
_BEHIND = (
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
)
_THROTTLED = {"sign_in", "create", "rotate", "introspect"}
_RATE = re.compile("[1-9][0-9]{0,8}/(second|minute|hour|day)")
# RFC 6749 §3.3.
_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,64}")


def check_tokens(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """Programs sign in by proofs there are, and tokens look like tokens."""
    return [*wrong_values(_VALUES), *_wrong_order()]


def _wrong_order() -> Iterator[CheckMessage]:
    order = list(settings.MIDDLEWARE)
    if _OURS not in order:
        return
    for path in _BEHIND:
        if path in order and order.index(path) < order.index(_OURS):
            yield Error(
                f"{path} stands before {_OURS}, and refuses programs that it would let in.",
                hint=f"Put {_OURS} before it in MIDDLEWARE.",
                id="sessions_hub.E145",
            )


def _are_proofs(value: Any) -> bool:
    if not is_texts(value) or not set(value) <= set(Method.values):
        return False
    # By a code alone nobody signs in.
    return not value or Method.PASSWORD in value


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isalnum()


def _is_short(value: Any) -> bool:
    return isinstance(value, timedelta) and timedelta(0) <= value <= timedelta(minutes=1)


def _are_scopes(value: Any) -> bool:
    return is_texts(value) and all(
        _SCOPE.fullmatch(one) and one not in list(Scope) for one in value
    )


def _are_rates(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        name in _THROTTLED and isinstance(rate, str) and _RATE.fullmatch(rate)
        for name, rate in value.items()
    )


def _is_header(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value != "")


_VALUES: tuple[Rule, ...] = (
    ("API_SIGN_IN", _are_proofs, 'a list of methods, "password" among them', "E140"),
    ("TOKEN_PREFIX", _is_word, "letters and digits", "E141"),
    ("TOKEN_REUSE_GRACE", _is_short, "a timedelta of at most a minute", "E142"),
    ("SCOPES", _are_scopes, "a list of scopes without spaces, none of the hub's own", "E143"),
    (
        "THROTTLES",
        _are_rates,
        'a dict from "sign_in", "create", "rotate" and "introspect" to rates such as "10/minute"',
        "E146",
    ),
    ("DEVICE_HEADER", _is_header, "a header name, or None", "E144"),
)
