"""Settings of the test suite, shaped by a few environment variables.

HUB_TEST_DATABASE    sqlite (default), postgresql or mariadb
HUB_TEST_SPLIT       1: Django's sessions on "default", users and the hub on "people"
HUB_TEST_PG_DSN, HUB_TEST_MARIADB_SOCKET, HUB_TEST_REDIS_URL   other servers than the local ones
HUB_TEST_NAME        names the databases, so that two runs can share a server
HUB_TEST_JOIN        JSON of alias to database name: join the databases of a running test
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django

DATABASE = os.environ.get("HUB_TEST_DATABASE", "sqlite")
SPLIT = os.environ.get("HUB_TEST_SPLIT") == "1"
NAME = os.environ.get("HUB_TEST_NAME", "sessions_hub")
JOIN = json.loads(os.environ.get("HUB_TEST_JOIN", "{}"))
REDIS_URL = os.environ.get("HUB_TEST_REDIS_URL", "")


def _database(name: str) -> dict[str, Any]:
    if DATABASE == "postgresql":
        dsn = urlsplit(os.environ.get("HUB_TEST_PG_DSN", "postgresql://root@127.0.0.1:5432"))
        host = dsn.hostname or ""
        if dsn.query.startswith("host="):
            host = dsn.query.removeprefix("host=")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": dsn.username or "",
            "PASSWORD": dsn.password or "",
            "HOST": host,
            "PORT": str(dsn.port or ""),
        }
    if DATABASE == "mariadb":
        socket = os.environ.get("HUB_TEST_MARIADB_SOCKET", "")
        return {
            "ENGINE": "django.db.backends.mysql",
            "NAME": name,
            "USER": "root",
            "PASSWORD": "",
            "HOST": socket or "127.0.0.1",
            "OPTIONS": {"charset": "utf8mb4"},
        }
    # A file, so that threads and second processes see the same rows.
    file = str(Path(tempfile.gettempdir()) / f"{name}_{os.getpid()}.sqlite3")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": {
            "timeout": 5,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
        },
        "TEST": {"NAME": file},
    }


DATABASES = {"default": _database(NAME)}
if SPLIT:
    DATABASES["people"] = _database(f"{NAME}_people")
for _alias, _name in JOIN.items():
    DATABASES[_alias]["NAME"] = _name
if SPLIT:
    DATABASE_ROUTERS = ["tests.routers.SplitRouter"]

SECRET_KEY = "tests-only-0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "tests.urls"
AUTH_USER_MODEL = os.environ.get("HUB_TEST_USER_MODEL", "auth.User")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_URL = "/static/"
LOGIN_REDIRECT_URL = "/whoami/"
LANGUAGE_CODE = "en"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "rest_framework",
    "sessions_hub",
    "sessions_hub.engine",
    "tests.users",
]

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sessions_hub.middleware.SessionsHubMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "sessions_hub.middleware.ClientHintsMiddleware",
]

if django.VERSION >= (6, 1):
    # In the place of EMAIL_BACKEND, which is deprecated there.
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
