"""What is told of a session that is seen in a new place: signals, a log line, a mail."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from sessions_hub import signals
from sessions_hub.conf import conf
from sessions_hub.models import Session, SessionDevice, SessionType

from . import alerts
from .binding import Move

logger = logging.getLogger(__name__)


def announce(
    user_id: Any,
    endpoint: SessionDevice,
    request: HttpRequest | None,
    alias: str,
    *,
    is_new_device: bool = False,
) -> None:
    """Tell of an endpoint that has just been stored, once it is committed.

    Call it inside the transaction that stores it, with the session's row locked or
    new: of two requests from one new country one tells it.
    """
    causes = ["device"] if is_new_device and "device" in conf.SESSIONS_HUB_ALERTS else []
    if _first_in_country(user_id, endpoint, request, alias):
        causes.append("country")
    if causes:
        alerts.schedule(endpoint, causes, request, alias)


def announce_move(
    user_id: Any, endpoint: SessionDevice, move: Move, request: HttpRequest | None, alias: str
) -> None:
    """Tell that a session has moved, once what that called for is committed."""
    tell = partial(_log_move, user_id, endpoint, move)
    transaction.on_commit(tell, using=alias, robust=True)
    signals.send_on_commit(
        signals.session_moved,
        Session,
        alias,
        endpoint=endpoint,
        action=move.action.word,
        causes=move.causes,
        request=request,
    )


def _first_in_country(
    user_id: Any, endpoint: SessionDevice, request: HttpRequest | None, alias: str
) -> bool:
    """Send `country_first_seen` if it is; whether an alert is due, at most one per session."""
    alerting = "country" in conf.SESSIONS_HUB_ALERTS
    here = endpoint.country_code
    if not here or not (alerting or signals.country_first_seen.has_listeners(Session)):
        return False
    of_session = list(
        Session.objects.using(alias)
        .filter(pk=endpoint.session_id)
        .order_by("session_devices__first_seen_at", "session_devices__pk")
        .values_list("session_type", "session_devices__pk", "session_devices__country_code")
    )
    if any(kind == SessionType.IMPERSONATION for kind, _pk, _country in of_session):
        # It is somebody else who is there.
        return False
    elsewhere = _countries_of_others(user_id, endpoint, alias)
    others = (country for _kind, pk, country in of_session if pk != endpoint.pk)
    before = [country for country in dict.fromkeys(others) if country and country not in elsewhere]
    if here in elsewhere or here in before:
        return False
    signals.send_on_commit(
        signals.country_first_seen,
        Session,
        alias,
        endpoint=endpoint,
        known=frozenset({*elsewhere, *before}),
        request=request,
    )
    # The user's first country is where an account begins; every other one that was new
    # in this session has had its mail.
    told = before if elsewhere else before[1:]
    return alerting and bool(elsewhere or before) and not told


def _countries_of_others(user_id: Any, endpoint: SessionDevice, alias: str) -> set[str]:
    """The countries of the user's other sessions, those of impersonators aside."""
    sessions = (
        Session.objects.using(alias)
        .filter(user=user_id)
        .exclude(pk=endpoint.session_id)
        .exclude(session_type=SessionType.IMPERSONATION)
    )
    places = SessionDevice.objects.using(alias).filter(session__in=sessions)
    rows = sessions.exclude(country_code="").values_list("country_code").order_by()
    more = places.exclude(country_code="").values_list("country_code").order_by()
    return {country for (country,) in rows.union(more)}


def _log_move(user_id: Any, endpoint: SessionDevice, move: Move) -> None:
    causes = ",".join(move.causes)
    logger.warning(
        "session_moved session=%s user=%s causes=%s action=%s address=%s",
        endpoint.session_id,
        user_id,
        causes,
        move.action.word,
        endpoint.ip or "-",
        extra={
            "session": str(endpoint.session_id),
            "user": str(user_id),
            "causes": move.causes,
            "action": move.action.word,
            "address": endpoint.ip or "",
        },
    )
