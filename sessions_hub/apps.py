"""The app's entry point."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SessionsHubConfig(AppConfig):
    """Connects the receivers and registers the checks, nothing else."""

    name = "sessions_hub"
    label = "sessions_hub"
    verbose_name = _("Sign-in sessions")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks, providers, receivers

        receivers.connect()
        providers.connect()
        checks.register_all()
