"""Settings for Django's own suites: its test_sqlite, and what the hub asks for."""

from __future__ import annotations

import os

DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3"},
    "other": {"ENGINE": "django.db.backends.sqlite3"},
}
SECRET_KEY = "django_tests_secret_key"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Django's is False; the hub refuses to work without time zones (sessions_hub.E024).
USE_TZ = True
# Some tests put the UTC time of a user into a form as if it were local.
TIME_ZONE = "UTC"
# The whole site on our engine and backend, for a run of its own.
if os.environ.get("HUB_SUITES_ENGINE") == "1":
    SESSION_ENGINE = "sessions_hub.engine.store"
    AUTHENTICATION_BACKENDS = ["sessions_hub.auth.ModelBackend"]
TEST_RUNNER = "tests.django_suites.runner.Runner"
