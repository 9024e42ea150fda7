"""Collected only where the settings have django-unfold."""

from __future__ import annotations

from django.conf import settings

collect_ignore_glob = [] if "unfold" in settings.INSTALLED_APPS else ["test_*.py"]
