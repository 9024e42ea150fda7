"""What the client sent: request → `ClientSnapshot`. Pure; `request` stops here."""

from __future__ import annotations

from .snapshot import ClientSnapshot, given_snapshot, take_fingerprint, take_snapshot

__all__ = ["ClientSnapshot", "given_snapshot", "take_fingerprint", "take_snapshot"]
