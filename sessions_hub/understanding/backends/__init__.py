"""What reads a user agent: one module or package per parser, each imported on first use."""

from __future__ import annotations

from .base import UserAgentBackend

__all__ = ["UserAgentBackend"]
