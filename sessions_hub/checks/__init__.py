"""System checks: what is wrong in the settings, and what to do about it.

Ids are never reused. E001-E019 settings, E020-E029 and W020-W029 middleware and
sessions, W030-W039 addresses and places, W040-W049 deployment, E050-E059 and
W050-W059 database, E070-E079 understanding, E080-E089 and W080-W089 lifetimes,
E090-E099 assurance, E100-E109 impersonation, E110-E119 binding and alerts, E120-E129
tenants and the cache, E130-E139 speed, E140-E149 tokens, E150-E159 and W150-W159 signed
tokens, E160-E169 and W160-W169 secrets that are read back, E170-E179 and W170-W179 pages, E180-E189
retention.
"""

from __future__ import annotations

from django.core.checks import Tags, register

from .alerts import check_alerts
from .answers import check_answers
from .cache import check_cache
from .clients import check_backend, check_proxies
from .credentials import check_encryption_keys
from .jwt import check_jwt
from .lifetimes import check_lifetimes
from .pages import check_pages
from .places import check_geoip
from .site import check_deployment, check_middleware, check_sessions
from .speed import check_speed
from .tables import check_tables
from .tokens import check_tokens
from .values import check_names, check_values

__all__ = [
    "check_alerts",
    "check_answers",
    "check_backend",
    "check_cache",
    "check_deployment",
    "check_encryption_keys",
    "check_geoip",
    "check_jwt",
    "check_lifetimes",
    "check_middleware",
    "check_names",
    "check_pages",
    "check_proxies",
    "check_sessions",
    "check_speed",
    "check_tables",
    "check_tokens",
    "check_values",
    "register_all",
]


def register_all() -> None:
    """Register the checks; called by the AppConfig."""
    register(check_names)
    register(check_values)
    register(check_proxies)
    register(check_backend)
    register(check_lifetimes)
    register(check_middleware)
    register(check_sessions)
    register(check_cache)
    register(check_geoip)
    register(check_alerts)
    register(check_jwt)
    register(check_speed)
    register(check_tokens)
    register(check_encryption_keys)
    register(check_answers)
    register(check_pages)
    register(check_deployment, Tags.security, deploy=True)
    register(check_tables, Tags.database)
