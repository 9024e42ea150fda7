"""Settings of the example project: a small site with sessions_hub, for looking and trying.

HUB_EXAMPLE_DATABASE     the SQLite file; default: example_project/.demo/demo.sqlite3
HUB_EXAMPLE_SECRET_KEY   default: a new one per process, so a restart signs everybody out
HUB_EXAMPLE_JWT_KEY      the file of the key that signs tokens; default: a new one per process
HUB_EXAMPLE_ENCRYPTION_KEY   of providers' tokens; default: a new one per process
HUB_EXAMPLE_DEPLOY       1: as behind a TLS proxy; `check --deploy` has no complaint then
HUB_EXAMPLE_HOSTS        with DEPLOY: the host names served, separated by commas
HUB_EXAMPLE_PROXIES      with DEPLOY: the networks of the proxies, separated by commas
"""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
DEPLOY = os.environ.get("HUB_EXAMPLE_DEPLOY") == "1"
# The demo command deletes and makes this file; see demo/database.py for what it spares.
HUB_EXAMPLE_DATABASE = Path(
    os.environ.get("HUB_EXAMPLE_DATABASE") or BASE_DIR / "example_project/.demo/demo.sqlite3"
).resolve()
# Made by the demo command as well; a folder of its own, to overwrite nobody's real files.
HUB_EXAMPLE_GEOIP = HUB_EXAMPLE_DATABASE.parent / "made-up-geoip"

SECRET_KEY = os.environ.get("HUB_EXAMPLE_SECRET_KEY") or get_random_secret_key()
DEBUG = not DEPLOY
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

INSTALLED_APPS = [
    "example_project",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "rest_framework",
    "sessions_hub",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # The browser's language. Behind sessions, before what may answer with a page.
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Right behind: whatever comes next sees no user whose session has ended.
    "sessions_hub.middleware.SessionsHubMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Asks browsers for what their user agents no longer say, on sign-in pages.
    "sessions_hub.middleware.ClientHintsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HUB_EXAMPLE_DATABASE,
        "OPTIONS": {
            # Several browsers at once: a writer waits its turn, and does not fail half-way.
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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

ROOT_URLCONF = "example_project.urls"
WSGI_APPLICATION = "example_project.wsgi.application"
LANGUAGE_CODE = "en"
# Those sessions_hub speaks; this site's own few texts are English.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("fa", "فارسی")]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
OTP_TOTP_ISSUER = "sessions_hub example"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# -- sessions_hub -----------------------------------------------------------------

# The demo's browsers all sit on this computer and say where they would be in
# X-Forwarded-For, as a reverse proxy on this computer would. Never trust an address
# like this on a server that others on the same machine, or the world, can reach
# without passing the proxy: they could write any address they like.
SESSIONS_HUB_TRUSTED_PROXIES = ["127.0.0.1/32"]
if HUB_EXAMPLE_GEOIP.exists() and not DEPLOY:
    SESSIONS_HUB_GEOIP_PATH = HUB_EXAMPLE_GEOIP

SESSIONS_HUB_BASE_TEMPLATE = "example_project/account.html"

# The whole API, for the examples of docs/api.md.
SESSIONS_HUB_API_SIGN_IN = ["password", "totp"]
SESSIONS_HUB_SCOPES = ["orders:read"]


def _new_key() -> str:
    """A private key that nobody has seen, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


SESSIONS_HUB_JWT_ISSUER = "https://sessions.example"
SESSIONS_HUB_JWT_KEYS = [
    {"key": os.environ.get("HUB_EXAMPLE_JWT_KEY") or _new_key(), "state": "signing"}
]
SESSIONS_HUB_TOKENIZE_TEMPLATES = {
    "orders": {"audience": "https://orders.example", "ttl": timedelta(minutes=5)},
}
SESSIONS_HUB_ENCRYPTION_KEYS = [
    os.environ.get("HUB_EXAMPLE_ENCRYPTION_KEY") or secrets.token_urlsafe(32)
]
# Those of the demo are made up. A real site leaves this off, or has a reason.
SESSIONS_HUB_EXPOSE_PROVIDER_TOKENS = not DEPLOY

# -- Behind a TLS proxy -------------------------------------------------------------


def _words(name: str, default: str) -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


if DEPLOY:
    ALLOWED_HOSTS = _words("HUB_EXAMPLE_HOSTS", "sessions.example")
    SESSIONS_HUB_TRUSTED_PROXIES = _words("HUB_EXAMPLE_PROXIES", "")
    SESSIONS_HUB_LIMITS = "nist"
    # The proxy ends TLS, sets this header and drops the one a client sends.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    # "__Host-": set by this host alone, over TLS, for every path.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    CSRF_COOKIE_SECURE = True
