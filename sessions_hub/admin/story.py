"""The story of one session: what happened in it, in order, from rows that are kept anyway."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from sessions_hub.events import STAFF_EXTENDED
from sessions_hub.lifecycle.proofs import level_of_claims
from sessions_hub.models import (
    AssuranceLevel,
    AuthenticationMethod,
    EndReason,
    Session,
    SessionDevice,
    SessionType,
)

from . import show
from .links import Linker, user_link

# Of each kind, so that a session that was proven a thousand times still has a page.
MOST = 50
# What was proven within these seconds of the sign-in is part of it.
_TOGETHER = timedelta(seconds=5)
_EXTENDED = f"{STAFF_EXTENDED.name} "


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, what, and a line on it. `kind` picks the sign beside it."""

    at: datetime
    kind: str
    title: str
    detail: str | SafeString = ""
    is_ahead: bool = False


def story_of(session: Session, url_of: Linker, now: datetime) -> list[Event]:
    """The events of a session, oldest first. Four bounded queries."""
    proofs = _oldest(session.authentication_methods.all(), "completed_at", "id")
    places = _oldest(session.session_devices.select_related("device"), "first_seen_at", "id")
    events = [
        *_sign_in(session, proofs, url_of),
        *_proofs(session, proofs),
        *_places(session, places),
        *_extensions(session),
        *_acting(session),
        *_use(session, now),
        *_end(session, url_of, now),
    ]
    return sorted(events, key=lambda event: (event.is_ahead, event.at))


def _oldest(rows: Any, *order: str) -> list[Any]:
    found = list(rows.order_by(*order)[:MOST])
    for row in found:
        show.make_visible(row)
    return found


def _sign_in(
    session: Session, proofs: Sequence[AuthenticationMethod], url_of: Linker
) -> Iterator[Event]:
    together = [proof for proof in proofs if _is_of_sign_in(session, proof)]
    place = show.where_words(session)
    lines: list[Any] = []
    match session.session_type:
        case SessionType.IMPERSONATION:
            title = _("Impersonation began")
            actor = user_link(session.impersonator, url_of) or session.impersonator_label
            lines = [part for part in (actor, session.impersonation_reason) if part]
        case SessionType.REGULAR_LOGIN:
            title = _("Signed in")
        case _:
            title = _("Started: %(type)s") % {"type": session.get_session_type_display()}
    if together:
        words = ", ".join(dict.fromkeys(str(proof) for proof in together))
        badge = show.level_badge(level_of_claims(together))
        lines.append(format_html("{} {}", words, badge))
    lines += [part for part in (show.client(session), place) if part]
    yield Event(session.issued_at, "start", title, _joined(lines))


def _is_of_sign_in(session: Session, proof: AuthenticationMethod) -> bool:
    return proof.completed_at <= session.issued_at + _TOGETHER


def _proofs(session: Session, proofs: Sequence[AuthenticationMethod]) -> Iterator[Event]:
    known: list[AuthenticationMethod] = []
    for proof in proofs:
        before = level_of_claims(known) if known else AssuranceLevel.AAL0
        known.append(proof)
        after = level_of_claims(known)
        if not _is_of_sign_in(session, proof):
            rises = after > before
            title = _("Stepped up to %(level)s") if rises else _("Proven again")
            level = AssuranceLevel(after).label
            yield Event(
                proof.completed_at,
                "step-up" if rises else "proof",
                title % {"level": level} if rises else title,
                _joined([str(proof), proof.provider]),
            )
        if proof.revoked_at is not None:
            yield Event(
                proof.revoked_at, "warning", _("A proof no longer counts"), _joined([str(proof)])
            )
    if session.proof_required_at is not None:
        yield Event(
            session.proof_required_at,
            "warning",
            _("Has to be proven again"),
            _("Nothing else can be done in it until then."),
        )


def _places(session: Session, places: Sequence[SessionDevice]) -> Iterator[Event]:
    clients = {session.client_label}
    towns = {(session.country_code, session.city)}
    devices: set[Any] = set()
    for number, row in enumerate(places):
        is_new_device = row.device_id is not None and row.device_id not in devices
        devices.add(row.device_id)
        # The first is where it was signed in from.
        if number and row.first_seen_at > session.issued_at + _TOGETHER:
            town = (row.country_code, row.city)
            if is_new_device:
                title = _("Used on another device")
            elif town not in towns:
                title = _("Used from another place")
            elif row.client_label not in clients:
                title = _("Used with another client or version")
            else:
                title = _("Used from another address")
            lines = [show.client(row), show.where_words(row), row.ip]
            yield Event(row.first_seen_at, "place", title, _joined(lines))
            clients.add(row.client_label)
            towns.add(town)


def _extensions(session: Session) -> Iterator[Event]:
    """What staff have extended, as the admin's history has it."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Session),
        object_id=str(session.pk),
        change_message__startswith=_EXTENDED,
    )
    for entry in entries.select_related("user").order_by("action_time")[:MOST]:
        until = _told_end(entry.change_message)
        lines = [_("by %(name)s") % {"name": show.user_name(entry.user)}]
        if until is not None:
            lines.append(_("until %(time)s") % {"time": show.moment_words(until)})
        yield Event(entry.action_time, "extend", _("Extended"), _joined(lines))


def _told_end(message: str) -> datetime | None:
    try:
        return parse_datetime(json.loads(message.removeprefix(_EXTENDED))["expires_at"])
    except (ValueError, KeyError, TypeError):
        return None


def _acting(session: Session) -> Iterator[Event]:
    """The impersonations that were started from this session."""
    if session.user_id is None:
        return
    # By the impersonator as well: that column has an index.
    rows = Session.objects.filter(
        impersonator=session.user_id, impersonator_session_id=session.pk
    ).select_related("user")
    for row in rows.order_by("pk")[:MOST]:
        name = show.user_name(row.user) if row.user else _("deleted user")
        title = _("Acted as %(name)s") % {"name": name}
        yield Event(row.issued_at, "warning", title, show.visible(row.impersonation_reason))


def _use(session: Session, now: datetime) -> Iterator[Event]:
    if session.last_used_at > session.issued_at + _TOGETHER:
        yield Event(session.last_used_at, "use", _("Last used"))
    if session.is_active(now):
        if session.idle_expires_at < session.expires_at:
            yield Event(
                session.idle_expires_at, "ahead", _("Ends if it is not used"), is_ahead=True
            )
        yield Event(session.expires_at, "ahead", _("Ends at the latest"), is_ahead=True)


def _end(session: Session, url_of: Linker, now: datetime) -> Iterator[Event]:
    end = session.how_ended(now)
    if end is None:
        return
    actor = user_link(session.ended_by, url_of) or session.ended_by_label
    by_limit = end.reason in (EndReason.EXPIRED, EndReason.IDLE)
    title = capfirst(str(end.reason.label)) if by_limit else _("Ended")
    lines: list[Any] = [] if by_limit else [end.reason.label]
    if actor:
        lines.append(format_html(_("by {}"), actor))
    yield Event(end.at, "end", title, _joined(lines))


def _joined(parts: Sequence[Any]) -> SafeString:
    # Names of both directions in one line: each keeps to itself.
    return format_html_join(" · ", "<bdi>{}</bdi>", ((part,) for part in parts if part))
