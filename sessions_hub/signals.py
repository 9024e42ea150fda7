"""Public signals. All are sent after commit, with `send_robust`: a receiver that
raises is logged and changes nothing for the visitor.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import Signal

__all__ = [
    "country_first_seen",
    "device_first_seen",
    "impersonation_ended",
    "impersonation_started",
    "session_ended",
    "session_extended",
    "session_moved",
    "session_started",
    "session_touched",
    "tenant_switched",
]

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

# A session was extended by `extend_session()`.
# Arguments: sender (the Session class), session_id (UUID), expires_at (datetime),
# by (who asked, or None).
session_extended = Signal()
# A session was moved to another tenant or workspace.
# Arguments: sender (the Session class), session, request (HttpRequest or None), previous
# (the tenant and the workspace it was in).
tenant_switched = Signal()

# A user signed in from a device this site had not seen with them before.
# Arguments: sender (the Device class), device, session, request (or None).
device_first_seen = Signal()

# Somebody began to act as another user. `session_started` is not sent: nobody has
# signed in as that user.
# Arguments: sender (the Session class), session, actor (who acts), request.
impersonation_started = Signal()

# An impersonation ended, for whatever cause; sent once, beside `session_ended`.
# Arguments: sender (the Session class), session (read again after the end, with its
# user and impersonator).
impersonation_ended = Signal()
# A user was seen in a country this site had not seen them in before: at a sign-in, or
# when a session moved.
# Arguments: sender (the Session class), endpoint (the SessionDevice, with country_code;
# its `session` is read when it is asked for), known (the frozenset of country codes
# known before; empty for the user's first), request (or None).
country_first_seen = Signal()

# A session was used from where SESSIONS_HUB_BINDING says that it matters.
# Arguments: sender (the Session class), endpoint (the SessionDevice), action ("record",
# "step_up" or "end"), causes (a tuple of "os", "client", "country", "autonomous_system"
# and "travel"), request.
session_moved = Signal()


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
