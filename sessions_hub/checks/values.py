"""Checks of single settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from sessions_hub.conf import DEFAULT_BACKEND, NAMES, PREFIX, conf, configured
from sessions_hub.lifecycle.adopt import adopt_until
from sessions_hub.lifecycle.binding import BINDING_ACTIONS, CAUSES
from sessions_hub.lifecycle.own_actions import ACTIONS
from sessions_hub.lifecycle.retention import KEYS
from sessions_hub.models import Method
from sessions_hub.tombstones import LONGEST
from sessions_hub.understanding.backends import UserAgentBackend

Apps = Sequence[AppConfig] | None


def check_names(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """A misspelt setting would silently do nothing."""
    messages: list[CheckMessage] = []
    # Without the prefix, which makes all names look alike.
    known = [name.removeprefix(PREFIX) for name in sorted(NAMES)]
    for name in sorted(set(configured()) - NAMES):
        near = get_close_matches(name.removeprefix(PREFIX), known, n=1)
        hint = "Remove it, or look it up in docs/settings.md."
        if near:
            hint = f"Did you mean {PREFIX}{near[0]}?"
        messages.append(Error(f"There is no setting {name}.", hint=hint, id="sessions_hub.E001"))
    return messages


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_duration(value: Any) -> bool:
    return isinstance(value, timedelta) and value > timedelta(0)


def _is_retention(value: Any) -> bool:
    return value is None or _is_duration(value)


def _are_retentions(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        key in KEYS and _is_retention(one) for key, one in value.items()
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_texts(value: Any) -> bool:
    """Whether it is a list or tuple of texts."""
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _are_prefixes(value: Any) -> bool:
    # "/" would exempt the whole site; SESSIONS_HUB_ENFORCE says that better.
    return is_texts(value) and all(item[:1] == "/" and item != "/" for item in value)


def _are_paths(value: Any) -> bool:
    return is_texts(value) and all(item[:1] == "/" for item in value)


def _is_cookie_name(value: Any) -> bool:
    return value is None or (
        isinstance(value, str)
        and value.isascii()
        and value.replace("_", "").replace("-", "").isalnum()
        and not value.startswith("__")
    )


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


def _are_networks(value: Any) -> bool:
    try:
        return is_texts(value) and all(item == "unix" or ip_network(item) for item in value)
    except ValueError:
        return False


def _are_methods(value: Any) -> bool:
    try:
        return all(
            method in Method.values and import_string(path) for path, method in value.items()
        )
    except (AttributeError, ImportError, TypeError):
        return False


def is_backend(path: Any) -> bool:
    """Whether it is the dotted path of a backend that reads user agents."""
    if path == DEFAULT_BACKEND:
        # Not imported for a check: its tables of expressions wait for the first parse.
        return True
    try:
        found = import_string(path)
    # A module of the site's own may fail in any way.
    except (Exception, SystemExit):  # noqa: BLE001
        return False
    return isinstance(found, type) and issubclass(found, UserAgentBackend)


def _are_callables(paths: Any) -> bool:
    return is_texts(paths) and all(is_function(path) for path in paths)


def _are_upstream(value: Any) -> bool:
    try:
        return all(
            isinstance(provider, str)
            and meant
            and meant.keys() <= {"acr", "amr"}
            and all(is_texts(words) and all(words) for words in meant.values())
            for provider, meant in value.items()
        )
    except AttributeError:
        return False


def is_function(path: Any) -> bool:
    """Whether it is None, or the dotted path of something that can be called."""
    try:
        return path is None or callable(import_string(path))
    # A module of the site's own may fail in any way.
    except (Exception, SystemExit):  # noqa: BLE001
        return False


def _is_adopt_until(_value: Any) -> bool:
    try:
        adopt_until()
    except ValueError:
        return False
    return True


def _is_binding(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        cause in CAUSES and isinstance(action, str) and action in BINDING_ACTIONS
        for cause, action in value.items()
    )


def _is_speed(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 < value < float("inf")


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _are_alerts(value: Any) -> bool:
    return is_texts(value) and set(value) <= {"device", "country"}


def _is_attribute(value: Any) -> bool:
    return value is None or (
        isinstance(value, str) and all(part.isidentifier() for part in value.split("."))
    )


def _is_base_url(value: Any) -> bool:
    if value is None:
        return True
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query
    except (AttributeError, TypeError, ValueError):
        return False


# Setting, predicate, what it must be, check id.
Rule = tuple[str, Callable[[Any], bool], str, str]

_VALUES: tuple[Rule, ...] = (
    ("ENFORCE", _is_flag, "True or False", "E002"),
    ("EXEMPT_PATHS", _are_prefixes, 'a list of path prefixes such as "/health/"', "E003"),
    ("UNKNOWN_SESSION", _one_of("adopt", "deny"), '"adopt" or "deny"', "E004"),
    ("ADOPT_UNTIL", _is_adopt_until, "a date or time (ISO 8601), or None", "E005"),
    ("RECORD_FAILURE", _one_of("refuse", "allow"), '"refuse" or "allow"', "E006"),
    ("COUNT_FAILED_SIGN_INS", _is_flag, "True or False", "E027"),
    ("LOCK_TIMEOUT", _is_duration, "a positive timedelta", "E007"),
    ("LIMITS", _one_of("django", "nist"), '"django" or "nist"', "E008"),
    ("TOUCH_INTERVAL", _is_duration, "a positive timedelta", "E009"),
    ("RETENTION", _is_retention, "a positive timedelta, or None", "E010"),
    (
        "RETENTION_FOR",
        _are_retentions,
        "a dict from end reasons and session types to positive timedeltas, or None",
        "E180",
    ),
    ("ADDRESS_RETENTION", _is_retention, "a positive timedelta, or None", "E181"),
    ("USER_AGENT_RETENTION", _is_retention, "a positive timedelta, or None", "E182"),
    ("ON_USER_DELETE", _one_of("delete", "anonymize"), '"delete" or "anonymize"', "E011"),
    ("DEVICE_COOKIE", _is_cookie_name, "a cookie name without prefix, or None", "E012"),
    (
        "MAX_ENDPOINTS",
        lambda value: _is_count(value) and value >= 1,
        "a whole number, at least 1",
        "E013",
    ),
    ("TRUSTED_PROXIES", _are_networks, 'a list of networks (CIDR), or "unix"', "E014"),
    ("PROXY_COUNT", _is_count, "a whole number", "E015"),
    (
        "CLIENT_ADDRESS_HEADER",
        lambda value: value is None or (isinstance(value, str) and value != ""),
        "a header name, or None",
        "E016",
    ),
    (
        "BACKEND_METHODS",
        _are_methods,
        "a dict from importable backend paths to methods",
        "E017",
    ),
    ("HASH_KEYS", is_texts, "a list of secret texts", "E018"),
    (
        "USER_AGENT_BACKEND",
        is_backend,
        "the dotted path of a class derived from UserAgentBackend",
        "E070",
    ),
    (
        "USER_AGENT_TIMEOUT",
        lambda value: _is_duration(value) and value <= timedelta(minutes=1),
        "a positive timedelta of at most a minute",
        "E071",
    ),
    ("SESSION_TYPE", is_function, "the dotted path of a function, or None", "E082"),
    (
        "MAX_SESSIONS",
        lambda value: value is None or (_is_count(value) and value >= 1),
        "a whole number, at least 1, or None",
        "E083",
    ),
    ("MAX_SESSIONS_ACTION", _one_of("end_oldest", "refuse"), '"end_oldest" or "refuse"', "E084"),
    ("ONE_SESSION_PER_DEVICE", _is_flag, "True or False", "E085"),
    ("END_OTHERS_AT_SIGN_IN", _is_flag, "True or False", "E086"),
    (
        "BINDING",
        _is_binding,
        f"a dict from some of {', '.join(CAUSES)} to one of {', '.join(BINDING_ACTIONS)}",
        "E110",
    ),
    ("TRAVEL_SPEED", _is_speed, "a positive number of km/h", "E111"),
    ("REAUTHENTICATE_URL", _is_url, "a path or the name of a view", "E112"),
    ("PROOF_PATHS", _are_prefixes, 'a list of path prefixes such as "/sso/"', "E113"),
    ("ALERTS", _are_alerts, 'a list of "device" and "country"', "E114"),
    ("ALERT_LANGUAGE", _is_attribute, "the name of an attribute of users, or None", "E115"),
    ("BASE_URL", _is_base_url, 'a URL such as "https://www.example.com", or None', "E116"),
    (
        "PASSWORD_URL",
        lambda value: value is None or _is_url(value),
        "a path or the name of a view, or None",
        "E117",
    ),
    ("ENGINE_TAKES_OVER", _is_flag, "True or False", "E132"),
    ("CLIENT_HINTS_PATHS", _are_paths, 'a list of path prefixes such as "/signup/"', "E072"),
    (
        "IMPERSONATION_LIFETIME",
        lambda value: _is_duration(value) and value <= timedelta(days=1),
        "a positive timedelta of at most a day",
        "E100",
    ),
    (
        "IMPERSONATION_POLICY",
        is_function,
        "the dotted path of a function of request, actor and target, or None",
        "E101",
    ),
    (
        "CACHE",
        lambda value: value is None or (isinstance(value, str) and value in settings.CACHES),
        "an alias of CACHES, or None",
        "E120",
    ),
    (
        "CACHE_TTL",
        lambda value: _is_duration(value) and timedelta(seconds=1) <= value <= LONGEST,
        "a timedelta from one to ten seconds",
        "E121",
    ),
    ("TENANT", is_function, "the dotted path of a function, or None", "E123"),
    (
        "UPSTREAM_AAL2",
        _are_upstream,
        'a dict from providers to {"acr": [...], "amr": [...]}',
        "E090",
    ),
    ("FACTOR_SOURCES", _are_callables, "a list of dotted paths of functions", "E091"),
    (
        "REAUTHENTICATE_FOR",
        lambda value: is_texts(value) and ACTIONS.issuperset(value),
        f"a list of these: {', '.join(sorted(ACTIONS))}",
        "E092",
    ),
    ("REAUTHENTICATE_MAX_AGE", _is_duration, "a positive timedelta", "E093"),
    (
        "REAUTHENTICATE_ATTEMPTS",
        lambda value: _is_count(value) and 1 <= value <= 100,
        "a whole number from 1 to 100",
        "E094",
    ),
)


def wrong_values(rules: Sequence[Rule]) -> list[CheckMessage]:
    """An error for each setting whose value is not what its rule says."""
    return [
        Error(
            f"SESSIONS_HUB_{name} must be {wanted}.",
            hint=f"It is {getattr(conf, f'SESSIONS_HUB_{name}')!r} now."
            if name != "HASH_KEYS"
            else "Its value is not shown: it is secret.",
            id=f"sessions_hub.{check_id}",
        )
        for name, is_right, wanted, check_id in rules
        if not is_right(getattr(conf, f"SESSIONS_HUB_{name}"))
    ]


def check_values(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """Every setting has the type and range its property promises."""
    messages = wrong_values(_VALUES)
    if conf.SESSIONS_HUB_TRUSTED_PROXIES and conf.SESSIONS_HUB_PROXY_COUNT:
        messages.append(
            Error(
                "SESSIONS_HUB_TRUSTED_PROXIES and SESSIONS_HUB_PROXY_COUNT are both set.",
                hint="Keep the one that describes your proxies; networks are the safer choice.",
                id="sessions_hub.E019",
            )
        )
    return messages
