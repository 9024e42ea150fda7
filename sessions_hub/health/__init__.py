"""Whether the hub can do its work right now, and what to do where it cannot."""

from __future__ import annotations

from .probes import Finding, Status
from .run import TIMEOUT, Result, check, overall

__all__ = ["TIMEOUT", "Finding", "Result", "Status", "check", "overall"]
