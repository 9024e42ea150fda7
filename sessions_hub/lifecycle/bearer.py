"""Whose an API credential is: one SELECT from the secret to the session and its user.

Unknown, ended, expired and replaced secrets, and those of disabled users, are told
apart by nobody who presents one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connections
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from sessions_hub import events, telemetry
from sessions_hub.conf import conf
from sessions_hub.credentials.secrets import is_well_formed
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import EndReason, SessionToken, SessionType

from .credentials import still_match
from .digests import TOKEN, digests
from .end import end_session
from .guard import database
from .joined import Joined, why_not_joined
from .policy import BELIEVED_AHEAD, Verdict, evaluate, idle_expiry, touch_interval
from .program import fingerprint_of_program, sight_program
from .state import RequestState
from .touch import touch, touch_elsewhere
from .verdicts import VerdictRow, is_held

logger = logging.getLogger(__name__)

_LEAD = ("pk", "replaced_at", "session__name", "session__audience", "session__scopes")
# By alias, vendor, the number of digests, and the user model that is joined, if one is.
_joined: dict[tuple[str, str, int, Any], Joined] = {}

# Why a secret opens nothing that was replaced long ago.
REUSED = "reused"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A request's API credential, judged valid: `request.auth` of a view."""

    token_id: UUID
    # Without its digests where `request.auth` is printed.
    row: VerdictRow = field(repr=False)
    user: Any
    name: str
    audience: str
    scopes: frozenset[str]
    # Another secret has taken its place a moment ago: it may still be used, not rotated.
    is_replaced: bool

    @property
    def session_id(self) -> UUID:
        """The id of its session."""
        return self.row.id


@sensitive_variables("secret", "candidates")
def find_bearer(
    secret: str, now: datetime, refused: Callable[[VerdictRow, str], None] | None = None
) -> Bearer | None:
    """Whose secret it is; None when it opens nothing.

    No query for what cannot be one, else one (and one more where users cannot be joined).
    A secret that was replaced longer than SESSIONS_HUB_TOKEN_REUSE_GRACE ago has been
    copied: its session ends as `compromised` (RFC 9700 §4.14.2). `refused` is told of a
    session that is known and not let in, and why. Raises
    django.db.DatabaseError where the database does not tell.
    """
    if not is_well_formed(secret):
        return None
    alias = database()
    candidates = list(dict.fromkeys(digests(TOKEN, secret)))
    joined = _compiled(alias, len(candidates))
    began = telemetry.clock()
    row = joined.fetch(tuple(candidates), alias)
    telemetry.verdict(began, "token")
    if row is None:
        return None
    token_id, replaced_at, name, audience, scopes = row[: joined.lead]
    verdict = VerdictRow(*row[joined.lead : joined.user_at])
    user = joined.user(row, alias) if joined.with_user else _user_of(verdict.user_id)
    if (why := _why_not(verdict, user, now)) is not None:
        if refused is not None:
            refused(verdict, why)
        return None
    if replaced_at is not None and now - replaced_at >= conf.SESSIONS_HUB_TOKEN_REUSE_GRACE:
        _end_family(verdict, now)
        if refused is not None:
            refused(verdict, REUSED)
        return None
    return Bearer(
        token_id=token_id,
        row=verdict,
        user=user,
        name=name,
        audience=audience,
        scopes=frozenset(scopes),
        is_replaced=replaced_at is not None,
    )


def _why_not(row: VerdictRow, user: Any, now: datetime) -> str | None:
    """Why a secret's session is not let in, for the log alone; None where it is."""
    match evaluate(row, now):
        case Verdict.VALID:
            pass
        case Verdict.LIMIT_PASSED:
            return "expired"
        case _:
            return "ended"
    # Whatever backends make of inactive users: a program is no visitor they know.
    if user is None or not getattr(user, "is_active", True):
        return "user_disabled"
    if row.session_type == SessionType.IMPERSONATION:
        return "impersonation"
    if is_held(row):
        return "held"
    return None if still_match(user, row.credentials_digest) else "credentials_changed"


def _end_family(row: VerdictRow, now: datetime) -> None:
    """Whoever of the two has the right one, the other one has copied it."""
    end_session(row.id, reason=EndReason.COMPROMISED, now=now)
    events.emit(events.TOKEN_REUSED, session_id=row.id, user_id=row.user_id)


def note_use(bearer: Bearer, request: HttpRequest, now: datetime) -> None:
    """Write that the session was used, at most once an interval, and where from.

    Costs no request: what cannot be written is logged.
    """
    row = bearer.row
    rested = now - row.last_used_at
    interval = touch_interval(conf.SESSIONS_HUB_TOUCH_INTERVAL, row.idle_timeout)
    due = rested >= interval or -rested > BELIEVED_AHEAD
    elsewhere = fingerprint_of_program(request) not in {"", row.current_fingerprint}
    if not due and not elsewhere:
        return
    values: dict[str, Any] = {}
    if row.idle_timeout is not None:
        values["idle_expires_at"] = idle_expiry(now, row.idle_timeout, row.expires_at)
    try:
        if elsewhere:
            # In a state of its own: a program is handed no device cookie.
            sighting = sight_program(request)
            touch_elsewhere(row, request, RequestState(), values, now, sighting=sighting)
        else:
            touch(row, values, now)
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger, logging.WARNING, "use", "The use of a token was not noted.", exc_info=True
        )


def _user_of(user_id: Any) -> Any:
    return get_user_model()._default_manager.filter(pk=user_id).first()


def _compiled(alias: str, count: int) -> Joined:
    with_user = not why_not_joined(alias)
    key = alias, connections[alias].vendor, count, get_user_model() if with_user else None
    if (joined := _joined.get(key)) is None:
        # Of as many digests as there are keys, none twice.
        some = [f"{number:064x}" for number in range(count)]
        rows = SessionToken._base_manager.using(alias).filter(digest__in=some)
        joined = Joined(rows, alias, lead=_LEAD, prefix="session__", with_user=with_user)
        if joined.params != tuple(some):
            raise RuntimeError("The SELECT of a token does not take its digests as they are.")
        _joined[key] = joined
    return joined
