"""System checks: what is wrong in the settings, and what to do about it.

Ids are never reused. E001-E019 settings, E020-E029 and W020-W029 middleware and
sessions, W030-W039 addresses and places, W040-W049 deployment, E050-E059 and
W050-W059 database, E070-E079 understanding, E090-E099 and W090-W099 assurance.
"""

from __future__ import annotations

from django.core.checks import Tags, register

from .places import check_geoip
from .site import check_deployment, check_middleware, check_sessions
from .tables import check_tables
from .values import check_backend, check_names, check_proxies, check_values

__all__ = [
    "check_backend",
    "check_deployment",
    "check_geoip",
    "check_middleware",
    "check_names",
    "check_proxies",
    "check_sessions",
    "check_tables",
    "check_values",
    "register_all",
]


def register_all() -> None:
    """Register the checks; called by the AppConfig."""
    register(check_names)
    register(check_values)
    register(check_proxies)
    register(check_backend)
    register(check_middleware)
    register(check_sessions)
    register(check_geoip)
    register(check_deployment, Tags.security, deploy=True)
    register(check_tables, Tags.database)
