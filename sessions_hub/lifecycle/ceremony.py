"""Proving a session again with a key of WebAuthn: one question, one answer, in that session."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import Error as DatabaseFault
from django.http import HttpRequest

from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import Session
from sessions_hub.understanding.methods import MethodClaim

from . import factors
from .factors import Factor
from .prove import subject_of

# How long a challenge may wait for its answer (WebAuthn Level 3, §15.1: 5 to 10 minutes).
OPEN = timedelta(minutes=5)
# Where the Django session keeps the one ceremony that is open in it.
_KEY = "_sessions_hub_ceremony"

logger = logging.getLogger(__name__)


def ask_for_key(
    request: HttpRequest,
    session: Session,
    user: AbstractBaseUser,
    keys: Sequence[Factor],
    *,
    verify_user: bool,
    now: datetime,
) -> dict[str, Any] | None:
    """What a script gives to `navigator.credentials.get()`, as JSON; None when it cannot be asked.

    A new challenge takes the place of the one before. With `verify_user` only an
    answer for which the key verified its user will do. Raises django.db.Error.
    """
    if not keys:
        return None
    try:
        options, state = factors.begin(request, user, keys, verify_user=verify_user)
    except DatabaseFault:
        raise
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger, logging.ERROR, "begin", "A key could not be asked for.", exc_info=True
        )
        return None
    request.session[_KEY] = {
        "state": state,
        "subject": _subject(session, user),
        "keys": [key.key for key in keys],
        "verify_user": verify_user,
        "begun_at": now.isoformat(),
    }
    return options


def prove_by_key(
    request: HttpRequest, session: Session, user: AbstractBaseUser, answer: str, *, now: datetime
) -> MethodClaim | None:
    """The proof a key's answer gives, a PublicKeyCredential as JSON; None when it is wrong.

    Whatever it is, the challenge is used up by it. Raises django.db.Error.
    """
    asked: dict[str, Any] | None = request.session.pop(_KEY, None)
    if asked is None or asked["subject"] != _subject(session, user):
        return None
    begun_at = datetime.fromisoformat(asked["begun_at"])
    if now - begun_at >= OPEN:
        return None
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    claim = factors.complete(request, user, asked["state"], told, begun_at=begun_at, now=now)
    if claim is None or claim.factor not in asked["keys"]:
        return None
    if asked["verify_user"] and claim.user_verified is not True:
        return None
    return claim


def _subject(session: Session, user: AbstractBaseUser) -> list[str]:
    return [*subject_of(session), str(user.pk)]
