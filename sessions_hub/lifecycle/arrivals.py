"""What is told of a session that is seen in a new place: signals, a log line, a mail."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.db import Error as DatabaseFault
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

from sessions_hub import events, signals
from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute
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
    is_heard = signals.country_first_seen.has_listeners(Session)
    if not endpoint.country_code or not (alerting or is_heard):
        return False
    try:
        # In a savepoint: what is only told must not cost the sign-in.
        with transaction.atomic(using=alias):
            countries = _countries_before(user_id, endpoint, alias)
    except DatabaseFault:
        log_once_a_minute(
            logger, logging.ERROR, "country", "A country was not compared.", exc_info=True
        )
        return False
    if countries is None:
        return False
    elsewhere, before = countries
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


def _countries_before(
    user_id: Any, endpoint: SessionDevice, alias: str
) -> tuple[set[str], list[str]] | None:
    """The countries of the user's other sessions, and those first seen in this one.

    None where the endpoint's is one of them, or somebody else's: an impersonator's.
    """
    others = (
        Session.objects.using(alias)
        .filter(user=user_id)
        .exclude(pk=endpoint.session_id)
        .exclude(session_type=SessionType.IMPERSONATION)
    )
    here = endpoint.country_code
    places = SessionDevice.objects.using(alias)
    seen_here = places.filter(session=OuterRef("pk"), country_code=here)
    # The usual answer, and found at once however many sessions there are.
    if others.filter(Q(country_code=here) | Exists(seen_here)).exists():
        return None
    of_session = list(
        Session.objects.using(alias)
        .filter(pk=endpoint.session_id)
        .order_by("session_devices__first_seen_at", "session_devices__pk")
        .values_list("session_type", "session_devices__pk", "session_devices__country_code")
    )
    if any(kind == SessionType.IMPERSONATION for kind, _pk, _country in of_session):
        return None
    of_others = others.exclude(country_code="").values_list("country_code").order_by()
    since = places.filter(session__in=others).exclude(country_code="")
    more = since.values_list("country_code").order_by()
    elsewhere = {country for (country,) in of_others.union(more)}
    mine = dict.fromkeys(country for _kind, pk, country in of_session if pk != endpoint.pk)
    before = [country for country in mine if country and country not in elsewhere]
    return None if here in before else (elsewhere, before)


def _log_move(user_id: Any, endpoint: SessionDevice, move: Move) -> None:
    events.emit(
        events.SESSION_MOVED,
        session_id=endpoint.session_id,
        user_id=user_id,
        causes=move.causes,
        action=move.action.word,
        address=endpoint.ip,
    )
