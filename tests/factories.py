"""Rows for tests, with values that make sense. Every argument can be given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    EndReason,
    Session,
    SessionDevice,
    SessionToken,
)
from sessions_hub.models.ids import id_at

# A quiet moment: no clock changes near it in any zone.
NOW = datetime(2026, 6, 15, 12, 0, 0, 123456, tzinfo=UTC)
PASSWORD = "right-password"


def make_user(name: str = "ada", **values: Any) -> AbstractBaseUser:
    """A stored user whose password is PASSWORD."""
    users: Any = get_user_model()._default_manager
    return users.create_user(username=name, password=PASSWORD, **values)


def build_session(
    user: AbstractBaseUser | None, now: datetime = NOW, *, reason: str = "", **values: Any
) -> Session:
    """A Session not stored yet: signed in a minute before `now`, good for two weeks.

    With `reason` it ended at `now`.
    """
    issued_at = values.setdefault("issued_at", now - timedelta(minutes=1))
    expires_at = values.setdefault("expires_at", now + timedelta(days=14))
    values = {
        "id": id_at(issued_at),
        "authenticated_at": issued_at,
        "fully_authenticated_at": issued_at,
        "last_used_at": issued_at,
        "updated_at": issued_at,
        "idle_expires_at": expires_at,
        "end_reason": reason,
        "ended_at": now if reason else None,
        **values,
    }
    return Session(user=user, **values)


def make_session(
    user: AbstractBaseUser | None, now: datetime = NOW, *, reason: str = "", **values: Any
) -> Session:
    """A stored Session; see build_session()."""
    session = build_session(user, now, reason=reason, **values)
    session.save(force_insert=True)
    return session


def make_sessions(count: int, user: AbstractBaseUser, now: datetime = NOW) -> list[Session]:
    """`count` stored sessions of one user, in id order."""
    rows = [build_session(user, now) for _ in range(count)]
    return sorted(Session.objects.using(database()).bulk_create(rows), key=lambda row: row.pk)


def make_device(user: AbstractBaseUser, now: datetime = NOW, **values: Any) -> Device:
    """A stored Device."""
    return Device.objects.create(user=user, first_seen_at=now, last_seen_at=now, **values)


def make_session_device(
    session: Session, device: Device | None = None, now: datetime = NOW, **values: Any
) -> SessionDevice:
    """A stored SessionDevice with a fingerprint of its own."""
    row = SessionDevice(
        session=session, device=device, first_seen_at=now, last_seen_at=now, **values
    )
    row.fingerprint = row.fingerprint or row.pk.hex
    row.save(force_insert=True)
    return row


def make_method(
    session: Session, method: str = "password", now: datetime = NOW, **values: Any
) -> AuthenticationMethod:
    """A stored AuthenticationMethod."""
    return AuthenticationMethod.objects.create(
        session=session, method=method, completed_at=now, **values
    )


def make_token(session: Session, digest: str, now: datetime = NOW, **values: Any) -> SessionToken:
    """A stored SessionToken."""
    return SessionToken.objects.create(session=session, digest=digest, created_at=now, **values)


def end_reasons() -> list[str]:
    """Every way a session can end."""
    return list(EndReason.values)
