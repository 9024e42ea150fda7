"""The app's entry point."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class SessionsHubConfig(AppConfig):
    """Connects the receivers, registers the checks, and tells drf-spectacular of the API."""

    name = "sessions_hub"
    label = "sessions_hub"
    verbose_name = _("Sign-in sessions")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks, providers, receivers

        receivers.connect()
        providers.connect()
        checks.register_all()
        if apps.is_installed("drf_spectacular"):
            from .openapi import extensions  # noqa: F401
