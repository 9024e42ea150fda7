"""System checks: what is wrong in the settings, and what to do about it.

Ids are never reused. E001-E019 settings, E020-E029 and W020 middleware and sessions,
W030-W039 addresses and places, W040-W049 deployment, E050-E059 and W050-W059 database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from difflib import get_close_matches
from importlib import import_module
from ipaddress import ip_network
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.sessions.backends.signed_cookies import SessionStore as SignedCookieStore
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseFault
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.utils.module_loading import import_string

from .conf import NAMES, PREFIX, conf, configured
from .lifecycle.adopt import adopt_until
from .lifecycle.guard import bounded_write, database
from .models import AuthenticationMethod, Device, Method, Session, SessionDevice, SessionToken
from .understanding import geoip

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

Apps = Sequence[AppConfig] | None


def register_all() -> None:
    """Register the checks; called by the AppConfig."""
    register(check_names)
    register(check_values)
    register(check_proxies)
    register(check_middleware)
    register(check_sessions)
    register(check_geoip)
    register(check_deployment, Tags.security, deploy=True)
    register(check_tables, Tags.database)


def check_names(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """A misspelt setting would silently do nothing."""
    messages: list[CheckMessage] = []
    # Without the prefix, which makes all names look alike.
    known = [name.removeprefix(PREFIX) for name in sorted(NAMES)]
    for name in sorted(set(configured()) - NAMES):
        near = get_close_matches(name.removeprefix(PREFIX), known, n=1)
        hint = "Remove it, or look it up in the README."
        if near:
            hint = f"Did you mean {PREFIX}{near[0]}?"
        messages.append(Error(f"There is no setting {name}.", hint=hint, id="sessions_hub.E001"))
    return messages


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_duration(value: Any) -> bool:
    return isinstance(value, timedelta) and value > timedelta(0)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _are_prefixes(value: Any) -> bool:
    # "/" would exempt the whole site; SESSIONS_HUB_ENFORCE says that better.
    return _is_texts(value) and all(item[:1] == "/" and item != "/" for item in value)


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
        return _is_texts(value) and all(item == "unix" or ip_network(item) for item in value)
    except ValueError:
        return False


def _are_methods(value: Any) -> bool:
    try:
        return all(
            method in Method.values and import_string(path) for path, method in value.items()
        )
    except (AttributeError, ImportError, TypeError):
        return False


def _is_adopt_until(_value: Any) -> bool:
    try:
        adopt_until()
    except ValueError:
        return False
    return True


# Setting, predicate, what it must be, check id.
_VALUES: tuple[tuple[str, Callable[[Any], bool], str, str], ...] = (
    ("ENFORCE", _is_flag, "True or False", "E002"),
    ("EXEMPT_PATHS", _are_prefixes, 'a list of path prefixes such as "/health/"', "E003"),
    ("UNKNOWN_SESSION", _one_of("adopt", "deny"), '"adopt" or "deny"', "E004"),
    ("ADOPT_UNTIL", _is_adopt_until, "a date or time (ISO 8601), or None", "E005"),
    ("RECORD_FAILURE", _one_of("refuse", "allow"), '"refuse" or "allow"', "E006"),
    ("LOCK_TIMEOUT", _is_duration, "a positive timedelta", "E007"),
    ("LIMITS", _one_of("django", "nist"), '"django" or "nist"', "E008"),
    ("TOUCH_INTERVAL", _is_duration, "a positive timedelta", "E009"),
    (
        "RETENTION",
        lambda value: value is None or _is_duration(value),
        "a positive timedelta, or None",
        "E010",
    ),
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
    ("HASH_KEYS", _is_texts, "a list of secret texts", "E018"),
)


def check_values(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """Every setting has the type and range its property promises."""
    messages: list[CheckMessage] = [
        Error(
            f"SESSIONS_HUB_{name} must be {wanted}.",
            hint=f"It is {getattr(conf, f'SESSIONS_HUB_{name}')!r} now."
            if name != "HASH_KEYS"
            else "Its value is not shown: it is secret.",
            id=f"sessions_hub.{check_id}",
        )
        for name, is_right, wanted, check_id in _VALUES
        if not is_right(getattr(conf, f"SESSIONS_HUB_{name}"))
    ]
    if conf.SESSIONS_HUB_TRUSTED_PROXIES and conf.SESSIONS_HUB_PROXY_COUNT:
        messages.append(
            Error(
                "SESSIONS_HUB_TRUSTED_PROXIES and SESSIONS_HUB_PROXY_COUNT are both set.",
                hint="Keep the one that describes your proxies; networks are the safer choice.",
                id="sessions_hub.E019",
            )
        )
    return messages


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


def check_geoip(app_configs: Apps = None, **kwargs: Any) -> list[CheckMessage]:
    """A configured GeoIP database that does not open leaves the place columns empty."""
    status = geoip.status()
    if not status.configured or status.problem == "":
        return []
    return [
        Warning(
            f"The GeoIP database cannot be used: {status.problem}",
            hint="Check SESSIONS_HUB_GEOIP_PATH. Until then sessions have no place.",
            id="sessions_hub.W030",
        )
    ]


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
    if not conf.SESSIONS_HUB_ENFORCE:
        messages.append(
            Warning(
                "SESSIONS_HUB_ENFORCE is False: ended sessions stay signed in.",
                hint="Set it to True once the trial run is over.",
                id="sessions_hub.W041",
            )
        )
    return messages


def check_tables(
    app_configs: Apps = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The tables can be read; run by `check --database`."""
    alias = database()
    if not databases or alias not in databases:
        return []
    models = (Session, Device, SessionDevice, AuthenticationMethod, SessionToken)
    problems = [(model, problem) for model in models if (problem := _problem(model, alias))]
    if problems and not _is_migrated(alias):
        # A warning: `migrate` itself runs this check first.
        return [
            Warning(
                f"The tables of sessions_hub are not on the database '{alias}' yet.",
                hint="Run `migrate sessions_hub` before the middleware goes live: without its "
                "tables every sign-in answers 503.",
                id="sessions_hub.W051",
            )
        ]
    return [
        Error(
            f"The table {model._meta.db_table} cannot be read: {problem}",
            hint="Look for a lock on it, or restore it. Until then every sign-in answers 503.",
            id="sessions_hub.E050",
        )
        for model, problem in problems
    ]


def _is_migrated(alias: str) -> bool:
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    return any(app == "sessions_hub" for app, _name in applied)


def _problem(model: type[Model], alias: str) -> str:
    try:
        with bounded_write(alias):
            model._base_manager.using(alias).order_by().values_list("pk").first()
    except DatabaseFault as error:
        return str(error).strip()
    return ""
