"""Collected only where the settings have allauth's second factors."""

from __future__ import annotations

from django.conf import settings

collect_ignore_glob = [] if "allauth.mfa" in settings.INSTALLED_APPS else ["test_*.py"]
