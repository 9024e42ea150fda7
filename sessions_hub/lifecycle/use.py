"""What a request's use of its session leaves to be written, and how long it lasts by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import F, Value
from django.db.models.functions import Least
from django.http import HttpRequest

from sessions_hub.conf import conf
from sessions_hub.models import Session, SessionType

from . import impersonated, link
from .limits import limits_of
from .policy import BELIEVED_AHEAD, Expiry, expiry, idle_expiry, touch_interval
from .sighting import fingerprint_of_request
from .state import RequestState
from .touch import touch, touch_elsewhere
from .verdicts import VerdictRow, is_held

Work = Callable[[], object]


def touch_due(
    request: HttpRequest,
    state: RequestState,
    session: SessionBase,
    row: VerdictRow,
    now: datetime,
) -> Work | None:
    """The touch that is due, if one is."""
    if is_held(row):
        # Neither used nor kept alive by whoever cannot prove it.
        return None
    interval = conf.SESSIONS_HUB_TOUCH_INTERVAL
    rested = now - row.last_used_at
    # A clock that ran far ahead is put right.
    due = rested >= touch_interval(interval, row.idle_timeout) or -rested > BELIEVED_AHEAD
    expires_at = row.expires_at
    # Django moves a session's expiry when it saves it, and only then. An impersonation's
    # does not move.
    slides = row.session_type != SessionType.IMPERSONATION
    if slides and (session.modified or settings.SESSION_SAVE_EVERY_REQUEST):
        age = link.age(session)
        # Between two writes ours must not fall behind Django's, or it would refuse
        # what Django still accepts: it runs ahead by the time one write serves for.
        ahead = touch_interval(interval, age)
        earliest = _expiry(row, age, now).expires_at
        latest = _expiry(row, age + ahead, now).expires_at
        if due or not earliest <= expires_at <= latest:
            due, expires_at = True, latest
    fingerprint = fingerprint_of_request(request, state, row.user_id)
    elsewhere = fingerprint not in {"", row.current_fingerprint}
    if not due and not elsewhere:
        return None
    # What has not moved is not written: another request may have moved it meanwhile,
    # and this one's copy is older.
    values: dict[str, Any] = {}
    if expires_at != row.expires_at:
        values["expires_at"] = expires_at
        values["idle_expires_at"] = idle_expiry(now, row.idle_timeout, expires_at)
    elif row.idle_timeout is not None:
        values["idle_expires_at"] = Least(Value(now + row.idle_timeout), F("expires_at"))
    own = state.own

    def write() -> None:
        if elsewhere:
            touch_elsewhere(row, request, state, values, now)
        else:
            touch(row, values, now)
        if own is not None:
            impersonated.touch_own(own, now)

    return write


def _expiry(row: VerdictRow | Session, age: timedelta, now: datetime) -> Expiry:
    limits = limits_of(row.session_type, row.assurance_level, partial(user_of, row.user_id))
    return expiry(age=age, now=now, proven_at=row.fully_authenticated_at, limits=limits)


def followed_expiry(session: SessionBase, proven: Session, now: datetime) -> Expiry | None:
    """The expiry after a `set_expiry()` that followed the login signal ("remember me")."""
    age = link.age(session)
    followed = _expiry(proven, age, now)
    interval = touch_interval(conf.SESSIONS_HUB_TOUCH_INTERVAL, age)
    return None if abs(followed.expires_at - proven.expires_at) < interval else followed


def user_of(user_id: Any) -> Any:
    """The user with that key, active or not; None for nobody."""
    return get_user_model()._base_manager.filter(pk=user_id).first()
