"""The backend on device-detector, which brings Matomo's tables: the extra [matomo]."""

from __future__ import annotations

from .backend import MatomoBackend

__all__ = ["MatomoBackend"]
