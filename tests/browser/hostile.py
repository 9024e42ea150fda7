"""Somebody whose names, clients and places are all meant to do harm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, Model
from django.utils import timezone

from sessions_hub.lifecycle.audit import Actor
from sessions_hub.lifecycle.staff import extend_one
from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    EndReason,
    Session,
    SessionDevice,
    SessionType,
)
from tests.factories import PASSWORD, make_session, make_user

from .crowd import Crowd

# Columns that are codes of our own, keys and digests: no client writes them.
_OURS = ("_key", "_digest", "fingerprint", "ip_key", "country_code")


def _texts(model: type[Model], text: str) -> dict[str, str]:
    """The text in every column of the model that a client or a person fills, as it fits in."""
    return {
        field.name: text[: field.max_length]
        for field in model._meta.concrete_fields
        if isinstance(field, CharField) and not field.choices and not field.name.endswith(_OURS)
    }


def harm(text: str) -> Crowd:
    """An operator who looks at somebody with the text in all there is of them."""
    now = timezone.now()
    operator = make_user("operator", is_staff=True, is_superuser=True)
    user: Any = make_user("x", email="x@example.com")
    names = get_user_model()._meta
    user.username = text[: names.get_field("username").max_length]
    user.first_name = user.last_name = text[:100]
    user.set_password(PASSWORD)
    user.save()
    of_session = _texts(Session, text)
    device = Device.objects.create(user=user, trusted_at=now, **_texts(Device, text))
    # The texts are everywhere, but do not name what it is.
    session = _session(user, device, now, text, of_session, session_type=SessionType.REGULAR_LOGIN)
    _session(user, device, now, text, of_session, session_type=SessionType.API_KEY)
    _session(user, device, now, text, of_session, session_type=SessionType.IMPERSONATION)
    ended = _session(user, device, now, text, of_session, reason=EndReason.REVOKED_BY_STAFF)
    extend_one(session, Actor(user, "192.0.2.9"), lifetime=timedelta(days=20), now=now)
    session.refresh_from_db()
    return Crowd(operator, session, device, ended)


def _session(user: Any, device: Device, now: Any, text: str, texts: Any, **values: Any) -> Session:
    begun = now - timedelta(days=1)
    session = make_session(
        user,
        now,
        issued_at=begun,
        ip="2001:db8::7",
        country_code="JP",
        client_hints={"sec-ch-ua": text, text: text},
        metadata={text: text},
        scopes=[text[:40]],
        **texts,
        **values,
    )
    places = _texts(SessionDevice, text)
    for number in range(2):
        SessionDevice.objects.create(
            session=session,
            device=device,
            fingerprint=f"{session.pk.hex[:30]}{number}",
            first_seen_at=begun + timedelta(hours=number),
            last_seen_at=now,
            ip="2001:db8::7",
            **places,
        )
    AuthenticationMethod.objects.create(
        session=session, method="oidc", completed_at=begun, **_texts(AuthenticationMethod, text)
    )
    return session
