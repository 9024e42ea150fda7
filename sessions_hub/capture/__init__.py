"""What the client sent: request → `ClientSnapshot`. Pure; `request` stops here."""

from __future__ import annotations

from .snapshot import ClientSnapshot, take_fingerprint, take_snapshot

__all__ = ["ClientSnapshot", "take_fingerprint", "take_snapshot"]
