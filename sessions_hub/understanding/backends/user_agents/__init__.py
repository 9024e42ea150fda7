"""The default backend: the user-agents package, and what uap-core has no word for."""

from __future__ import annotations

from .backend import UserAgentsBackend

__all__ = ["UserAgentsBackend"]
