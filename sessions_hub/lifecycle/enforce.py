"""The request phase: judge the session that a request presents."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from sessions_hub import events, telemetry, tombstones
from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import Session, SessionType

from . import impersonated, link, suspended, verdict_cache
from .adopt import adopt, may_adopt
from .end import end_by_limit
from .guard import bounded_write, database
from .joined import fetch_with_user
from .lend import lend, wants_user
from .moves import judge_place
from .policy import Verdict, evaluate
from .request_user import set_user
from .sighting import snapshot_of
from .state import RequestState, state_of
from .verdicts import VerdictRow

logger = logging.getLogger(__name__)

# What a refusal is put down to; a valid row refuses where an impersonation has no ground.
_REFUSALS = {
    Verdict.VALID: "impersonation_over",
    Verdict.ENDED: "ended",
    Verdict.LIMIT_PASSED: "expired",
    Verdict.REPLAYED: "replayed",
}


def presents_session(request: HttpRequest) -> bool:
    """Whether the request presents a session at all. Reads no session."""
    session = getattr(request, "session", None)
    return session is not None and session.session_key is not None


def has_work(request: HttpRequest) -> bool:
    """Whether the request presents a session that is to be judged. Reads no session."""
    if not presents_session(request):
        return False
    exempt = conf.SESSIONS_HUB_EXEMPT_PATHS
    return not (exempt and is_exempt(request.path_info, exempt))


def is_exempt(path: str, prefixes: Sequence[str]) -> bool:
    """Whether a path is left alone. A prefix that does not begin with a slash names none."""
    listed = (prefixes,) if isinstance(prefixes, str) else prefixes
    return path.startswith(tuple(prefix for prefix in listed if prefix[:1] == "/"))


def enforce(request: HttpRequest) -> None:
    """Judge the session a request presents; sign the request out when it is not valid.

    Leaves in the request's state the row it goes on with. Raises what the session
    store or the database raises: without a verdict nobody is let in.
    """
    state = state_of(request)
    session = request.session
    presented, modified = session.session_key, session.modified
    if presented is not None and "\x00" in presented:
        # No key has one, and PostgreSQL cannot look for it: that is no fault of the database.
        request.session = type(session)(None)
        return
    tie = link.read(session)
    if tie is None:
        if not modified and (session.session_key != presented or session.modified):
            # Nothing good is stored under this key, and noticing changed the store.
            # The view decides whether that matters, as it does without the hub:
            # our look alone must not make the answer set or delete the cookie.
            request.session = link.unlooked(session, presented)
        else:
            state.loaded_key = presented
        return
    now = timezone.now()
    if tie.marker is None:
        _meet_unknown(request, state, tie, presented, now)
        return
    generation = tie.marker.generation if link.is_replayable(session) else None
    row = _verdict(request, state, tie, tie.marker.session_id, generation, now)
    _judge(request, state, tie, row, generation, now)


def _verdict(
    request: HttpRequest,
    state: RequestState,
    tie: link.Link,
    session_id: UUID,
    generation: int | None,
    now: datetime,
) -> VerdictRow | None:
    """The verdict row; its user is left in the state where that costs no further query."""
    alias = database()
    row: VerdictRow | None
    # sessions_hub.engine has read both together with the session.
    take = getattr(request.session, "take_verdict", None)
    if take is not None and (read := take(session_id, alias)) is not None:
        row, state.user = read
    elif wants_user(request, tie, alias):
        # The SELECT of the user has to be made anyway, which a cache would not spare.
        began = telemetry.clock()
        row, state.user = fetch_with_user(session_id, alias)
        telemetry.verdict(began, "database")
    else:
        row = verdict_cache.fetch(session_id, tie.user_id, generation, alias, now)
    return row


def _meet_unknown(
    request: HttpRequest,
    state: RequestState,
    tie: link.Link,
    presented: str | None,
    now: datetime,
) -> None:
    try:
        is_authenticated = request.user.is_authenticated
    except (ValidationError, ValueError, TypeError):
        # The key of a user of another time, when users had keys of another type.
        _note_refusal(request, tie, "unknown_user")
        sign_out(request)
        return
    if not is_authenticated:
        return
    if not isinstance(request.user, get_user_model()):
        note_foreign_user(request.user)
        return
    if suspended.is_noted(request.session):
        # An impersonation whose marker somebody took away is no sign-in of its target.
        _note_refusal(request, tie, "no_marker")
        sign_out(request)
        return
    known_only = not may_adopt(now)
    if known_only and link.is_replayable(request.session):
        # An older cookie is as good as the one that was adopted: nobody can tell.
        row = None
    else:
        row = adopt(request, tie, presented, now, known_only=known_only)
    if row is None and known_only:
        if conf.SESSIONS_HUB_ENFORCE:
            _note_refusal(request, tie, "no_marker")
            sign_out(request)
        return
    _judge(request, state, tie, row, None, now)


def _judge(
    request: HttpRequest,
    state: RequestState,
    tie: link.Link,
    row: VerdictRow | None,
    generation: int | None,
    now: datetime,
) -> None:
    # No row, or another user's: never adopted. An ended session whose row was
    # pruned must not come back.
    is_impersonation = row is not None and row.session_type == SessionType.IMPERSONATION
    why = "unknown" if row is None else "other_user"
    if row is not None and str(row.user_id) == tie.user_id:
        verdict = evaluate(row, now, generation)
        why = _REFUSALS[verdict]
        if verdict is Verdict.LIMIT_PASSED:
            _stamp(partial(end_by_limit, row.id, now=now))
        if is_impersonation:
            # Held to its limits even where SESSIONS_HUB_ENFORCE is off.
            is_valid = verdict is Verdict.VALID and _may_go_on(request, state, row, now)
        else:
            is_valid = verdict is Verdict.VALID or not conf.SESSIONS_HUB_ENFORCE
        if is_valid and verdict is Verdict.VALID and conf.SESSIONS_HUB_BINDING:
            row = judge_place(request, state, row, now)
            is_valid, why = row is not None, "moved"
        if row is not None and is_valid:
            if generation == row.generation and row.generation_changed_at is not None:
                # The newest cookie has come back: the one before it is over.
                _stamp(partial(_close_grace, row))
            state.row = row
            state.session = request.session
            state.session_id = row.id
            state.auth_hash = tie.auth_hash
            if state.user is not None:
                lend(request, state)
            return
    held = suspended.read(request.session)
    if conf.SESSIONS_HUB_ENFORCE or is_impersonation or held is not None:
        _note_refusal(request, tie, why)
        sign_out(request)
    if held is not None:
        # Nobody can go back to the session behind it any more.
        _stamp(partial(impersonated.abandon, held, now))


def _may_go_on(request: HttpRequest, state: RequestState, row: VerdictRow, now: datetime) -> bool:
    held = suspended.read(request.session)
    own = impersonated.own_session(row.id, held, now)
    if own is None:
        _stamp(partial(impersonated.end_over, row.id, now))
        return False
    state.suspended, state.own = held, own
    return True


def _note_refusal(request: HttpRequest, tie: link.Link, reason: str) -> None:
    if events.is_heard(events.SESSION_REFUSED):
        events.emit(
            events.SESSION_REFUSED,
            session_id=tie.marker and tie.marker.session_id,
            user_id=tie.user_id,
            reason=reason,
            address=snapshot_of(request).address,
        )


def _stamp(write: Callable[[], object]) -> None:
    """Write what the verdict does not depend on: it is known, whatever becomes of this."""
    try:
        write()
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger, logging.WARNING, "stamp", "A verdict was not noted.", exc_info=True
        )


def _close_grace(row: VerdictRow) -> None:
    alias = database()
    with bounded_write(alias):
        Session.objects.using(alias).filter(pk=row.id, generation=row.generation).update(
            generation_changed_at=None
        )
        tombstones.lay([row.id], alias)


def sign_out(request: HttpRequest) -> None:
    """Make the request anonymous and its Django session worthless."""
    # A cache of whole pages would go on serving this visitor's own by the cookie.
    request.META["HTTP_COOKIE"] = f"ended={secrets.token_hex(16)}"
    try:
        request.session.flush()
    except Exception:  # noqa: BLE001
        # A store that cannot delete (a cache that is down) changes nothing: the row
        # refuses the session whenever it presents itself.
        log_once_a_minute(
            logger,
            logging.WARNING,
            "flush",
            "The store did not delete a refused session.",
            exc_info=True,
        )
        store = import_module(settings.SESSION_ENGINE).SessionStore
        request.session = store()
    make_anonymous(request)


def make_anonymous(request: HttpRequest) -> None:
    """Set the request's user, and all that remembers it, to nobody."""
    set_user(request, AnonymousUser())


def note_foreign_user(user: object) -> None:
    """Say, once a minute, that users of another model are left alone."""
    log_once_a_minute(
        logger,
        logging.WARNING,
        "foreign-user",
        "A user of type %s is neither recorded nor enforced: it is not of AUTH_USER_MODEL.",
        type(user).__qualname__,
    )
