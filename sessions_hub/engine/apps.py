"""The engine's own app: sites that keep another engine need no table of it."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EngineConfig(AppConfig):
    """The table of Django sessions."""

    name = "sessions_hub.engine"
    label = "sessions_hub_engine"
    verbose_name = _("Session engine")
    default_auto_field = "django.db.models.BigAutoField"
