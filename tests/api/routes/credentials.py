"""Credentials that are none, and ways in which a good one is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from sessions_hub.lifecycle import end_session
from sessions_hub.models import EndReason, Session, SessionToken

# What cannot be a secret; is seen without asking the database.
MALFORMED = {
    "empty": "",
    "space": " ",
    "spaces": "a b",
    "prefix": "shub_",
    "nul": "shub_\x00",
    "nul of the right length": "shub_" + "\x00" * 49,
    "xff": "\xff" * 54,
    "surrogate": "\udcff" * 54,
    "prefixed surrogate": "shub_" + "\udcff" * 49,
    "megabyte": "x" * 1_000_000,
    "prefixed megabyte": "shub_" + "x" * 1_000_000,
    "wrong checksum": "shub_" + "0" * 49,
    "not ascii": "shub_" + "é" * 49,
    "other digits": "shub_" + "٣" * 49,
    "null": "null",
    "JWT": "eyJhbGciOiJFUzI1NiJ9.e30.x",
    "two": "shub_a, Bearer shub_b",
    "line": "shub_a\r\nX-Session-User: 1",
}


def ended(session: Session) -> None:
    end_session(session, reason=EndReason.REVOKED_BY_USER)


def expired(session: Session) -> None:
    then = timezone.now() - timedelta(seconds=1)
    Session.objects.filter(pk=session.pk).update(expires_at=then, idle_expires_at=then)


def idle(session: Session) -> None:
    then = timezone.now() - timedelta(seconds=1)
    Session.objects.filter(pk=session.pk).update(idle_expires_at=then)


def disabled(session: Session) -> None:
    users().filter(pk=session.user_id).update(is_active=False)


def deleted(session: Session) -> None:
    users().get(pk=session.user_id).delete()


def password_changed(session: Session) -> None:
    user = users().get(pk=session.user_id)
    user.set_password("another")
    user.save()


def password_changed_unseen(session: Session) -> None:
    user = users().get(pk=session.user_id)
    user.set_password("another")
    users().filter(pk=user.pk).update(password=user.password)


def pruned(session: Session) -> None:
    SessionToken.objects.filter(session=session.pk).delete()
    Session.objects.filter(pk=session.pk).delete()


def users() -> Any:
    return get_user_model()._default_manager


OVER: tuple[Callable[[Session], None], ...] = (
    ended,
    expired,
    idle,
    disabled,
    deleted,
    password_changed,
    password_changed_unseen,
    pruned,
)
