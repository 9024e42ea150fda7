"""The suite's settings, with django-allauth's second factors: they need tables of their own."""

from __future__ import annotations

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "allauth", "allauth.account", "allauth.mfa"]
MIDDLEWARE = [
    "tests.account.keys.site.strict_policy",
    *MIDDLEWARE,
    "allauth.account.middleware.AccountMiddleware",
]
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
