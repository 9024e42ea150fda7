"""The site with sessions_hub and each policy in turn switched on, and none."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django

from tests.benchmarks.variants import VARIANTS, Variant

OFF = "off"
_HUB = next(one for one in VARIANTS if one.key == "hub")
_VIEWS = "tests.benchmarks.policy_views"
_LOCMEM = "django.core.mail.backends.locmem.EmailBackend"

# No policies: what some of them look at, so that all sites but Django's have it.
_SHARED: dict[str, Any] = {
    "ROOT_URLCONF": _VIEWS,
    # Written by the worker itself; one file each, since they all start at once.
    "SESSIONS_HUB_GEOIP_PATH": str(
        Path(os.environ.get("HUB_BENCH_FOLDER", "")) / f"places_{os.getpid()}.mmdb"
    ),
    # Lines are written, to nowhere: most policies say what they did.
    "LOGGING": {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"nowhere": {"class": "logging.FileHandler", "filename": os.devnull}},
        "loggers": {"sessions_hub": {"handlers": ["nowhere"], "propagate": False}},
    },
    **(
        {"MAILERS": {"default": {"BACKEND": _LOCMEM}}}
        if django.VERSION >= (6, 1)
        # Deprecated there.
        else {"EMAIL_BACKEND": _LOCMEM}
    ),
}
_EVERYWHERE = ("os", "client", "country", "autonomous_system", "travel")
_LIMIT = {"SESSIONS_HUB_MAX_SESSIONS": 3}


def _policy(key: str, label: str, **settings: Any) -> Variant:
    return replace(
        _HUB,
        key=key,
        label=label,
        models=(*_HUB.models, "sessions_hub.SessionDevice"),
        settings=_SHARED | settings,
    )


_HINTS = _policy("hints", "ClientHintsMiddleware", SESSIONS_HUB_CLIENT_HINTS_PATHS=["/public/"])
_BELOW = _policy(
    "below",
    'LIFETIMES "below_available", django-otp',
    SESSIONS_HUB_LIFETIMES={"below_available": (timedelta(days=1), timedelta(hours=8))},
)

POLICIES = (
    *(one for one in VARIANTS if one.key in {"django", "control"}),
    _policy(OFF, "sessions_hub, every policy off"),
    _policy("nist", 'LIMITS "nist"', SESSIONS_HUB_LIMITS="nist"),
    _policy(
        "idle",
        "LIFETIMES with an idle limit",
        SESSIONS_HUB_LIFETIMES={"regular_login": (timedelta(days=30), timedelta(hours=8))},
    ),
    # The look at a user's factors is one at the tables of a package that has some.
    replace(
        _BELOW,
        apps=(*_HUB.apps, "django_otp", "django_otp.plugins.otp_totp"),
        needs=lambda: find_spec("django_otp") is not None,
    ),
    _policy("type", "SESSION_TYPE", SESSIONS_HUB_SESSION_TYPE=f"{_VIEWS}.session_type"),
    _policy("tenant", "TENANT", SESSIONS_HUB_TENANT=f"{_VIEWS}.tenant"),
    replace(_HINTS, last=("sessions_hub.middleware.ClientHintsMiddleware",)),
    _policy(
        "record",
        'BINDING, all "record"',
        SESSIONS_HUB_BINDING=dict.fromkeys(_EVERYWHERE, "record"),
    ),
    _policy("travel", 'BINDING travel "record"', SESSIONS_HUB_BINDING={"travel": "record"}),
    _policy("step_up", 'BINDING country "step_up"', SESSIONS_HUB_BINDING={"country": "step_up"}),
    _policy("end", 'BINDING country "end"', SESSIONS_HUB_BINDING={"country": "end"}),
    _policy("limit", "MAX_SESSIONS", **_LIMIT),
    _policy(
        "refuse",
        '… MAX_SESSIONS_ACTION "refuse"',
        SESSIONS_HUB_MAX_SESSIONS_ACTION="refuse",
        **_LIMIT,
    ),
    _policy("device", "ONE_SESSION_PER_DEVICE", SESSIONS_HUB_ONE_SESSION_PER_DEVICE=True),
    _policy("others", "END_OTHERS_AT_SIGN_IN", SESSIONS_HUB_END_OTHERS_AT_SIGN_IN=True),
    _policy("alert_device", 'ALERTS "device"', SESSIONS_HUB_ALERTS=["device"]),
    _policy("alert_country", 'ALERTS "country"', SESSIONS_HUB_ALERTS=["country"]),
)
