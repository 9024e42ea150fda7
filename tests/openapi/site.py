"""The site docs/openapi.yaml is generated from: the API alone, below api/."""

from __future__ import annotations

from tests.settings import *  # noqa: F403

ROOT_URLCONF = "tests.openapi.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "drf_spectacular",
    "sessions_hub",
    "tests.users",
]
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "django-sessions-hub",
    "VERSION": "0.1.0",
    "DESCRIPTION": "The HTTP API: what people do with their sign-ins, and staff with everybody's.",
}
