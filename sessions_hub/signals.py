"""Public signals. All are sent after commit, with `send_robust`: a receiver that
raises is logged and changes nothing for the visitor.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import Signal

# A user signed in and the row is stored.
# Arguments: sender (the Session class), session, request (HttpRequest or None),
# reauthentication (True when an existing session was proven again).
session_started = Signal()

# A session ended, for whatever cause; sent once per session.
# Arguments: sender (the Session class), session (read again after the end, so it
# carries ended_at, end_reason and ended_by).
session_ended = Signal()

# `last_used_at` was written (at most once per SESSIONS_HUB_TOUCH_INTERVAL).
# Arguments: sender (the Session class), session_id (UUID), now (datetime).
session_touched = Signal()

# A user signed in from a device this site had not seen with them before.
# Arguments: sender (the Device class), device, session, request (or None).
device_first_seen = Signal()


def send_on_commit(signal: Signal, sender: type, using: str, **arguments: Any) -> None:
    """Send `signal` once the transaction on the database `using` is committed.

    Nothing is scheduled when nobody listens.
    """
    if not signal.has_listeners(sender):
        return

    # No partial: Django 5.2 asks for the name of a hook that raises, and then raises itself.
    def send() -> None:
        # It logs what a receiver raises, under django.dispatch.
        signal.send_robust(sender=sender, **arguments)

    transaction.on_commit(send, using=using, robust=True)
