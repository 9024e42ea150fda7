"""What staff do to the sessions of others: never without a trace of who did it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from sessions_hub import events
from sessions_hub.capture import ClientSnapshot
from sessions_hub.events import name_of
from sessions_hub.models import EndReason, Session, SessionQuerySet
from sessions_hub.models.counting import CAP, capped_count
from sessions_hub.models.predicate import condition_of
from sessions_hub.models.querysets import BATCH
from sessions_hub.understanding.methods import MethodClaim

from .audit import ADDED, DELETED, Actor, Deed, complete, enter, record, tell
from .end import end_in_batches, end_session
from .exceptions import SessionsHubError
from .extend import Extension, extend_session
from .guard import bounded_write, database
from .tokens import Issued, start_token_session

SAMPLE = 10
# The most that one call ends; whoever wants more calls again.
MOST = CAP


class CreationDenied(SessionsHubError):
    """Staff may start no session for this user; `code` says why."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Matching:
    """The sessions a predicate would end: how many, as far as was counted, and some ids."""

    count: int
    is_capped: bool
    sample: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Ended:
    """What ending by a predicate came to; `has_more` where the limit left some."""

    count: int
    has_more: bool
    sample: Sequence[UUID]


def look(
    wanted: Mapping[str, Any],
    *,
    except_for: UUID | None,
    within: SessionQuerySet | None = None,
    now: datetime,
) -> Matching:
    """What `end_matching()` would end. Counts no further than 10,000.

    Raises WrongCondition.
    """
    rows = _matching(wanted, except_for, within, now)
    count = capped_count(rows, CAP + 1)
    return Matching(min(count, CAP), count > CAP, _ids(rows, SAMPLE) if count else ())


def end_matching(
    wanted: Mapping[str, Any],
    actor: Actor,
    *,
    except_for: UUID | None,
    within: SessionQuerySet | None = None,
    limit: int = MOST,
    now: datetime,
) -> Ended:
    """End the sessions that meet all conditions of `wanted`, but for one; at most `limit`.

    Of those in `within` alone, where it is given: what this member of staff may see.
    In batches, each its own transaction: one transaction around thousands of rows would
    hold up their users. So the entry in the admin's history is written before the first
    of them ends, and told the number afterwards.

    Raises WrongCondition and ActionNotRecorded: nothing has ended then. What had ended
    before a fault of the database stays ended, and is logged.
    """
    rows = _matching(wanted, except_for, within, now)
    return _end(rows, _told(wanted), actor, limit=limit, now=now)


def end_chosen(
    rows: SessionQuerySet,
    told: Mapping[str, Any],
    actor: Actor,
    *,
    limit: int = MOST,
    reason: EndReason = EndReason.REVOKED_BY_STAFF,
    goes_on: Callable[[int], bool] | None = None,
    now: datetime,
) -> Ended:
    """`end_matching()` for rows that were picked; `told` says in the log how.

    `goes_on` is asked after each batch, with the number that has ended by then, whether
    there is to be another; the rest is told as `has_more`.
    """
    open_rows = rows.using(database()).open(now)
    return _end(open_rows, _told(told), actor, limit=limit, reason=reason, goes_on=goes_on, now=now)


def _end(
    rows: SessionQuerySet,
    told: Mapping[str, Any],
    actor: Actor,
    *,
    limit: int,
    reason: EndReason = EndReason.REVOKED_BY_STAFF,
    goes_on: Callable[[int], bool] | None = None,
    now: datetime,
) -> Ended:
    ids = _ids(rows, limit + 1)
    has_more, ids = len(ids) > limit, ids[:limit]
    sample = ids[:SAMPLE]
    facts = {
        "predicate": told,
        "limit": limit,
        "sample": [str(one) for one in sample],
    }
    if reason != EndReason.REVOKED_BY_STAFF:
        facts["reason"] = reason.value
    if not ids:
        return Ended(0, False, ())
    entry = enter(actor, _end_of_many({**facts, "count": None}))
    count = 0
    try:
        for start in range(0, len(ids), BATCH):
            # Asked again: a session may meet the conditions no longer.
            still = rows.filter(pk__in=ids[start : start + BATCH])
            count += end_in_batches(still, reason=reason, by=actor.user, now=now)
            if goes_on is not None and not goes_on(count):
                has_more = has_more or start + BATCH < len(ids)
                break
    finally:
        done = _end_of_many({**facts, "count": count, "has_more": has_more})
        complete(entry, actor, done)
        tell(actor, done)
    return Ended(count, has_more, sample)


def end_one(session: Session, actor: Actor, *, now: datetime) -> bool:
    """End a session; False when it had ended, whose end stays and of which nothing is told.

    Raises django.db.DatabaseError and ActionNotRecorded: nothing has ended then.
    """
    if session.how_ended(now) is not None:
        return False
    with bounded_write(database()):
        ended = end_session(session, reason=EndReason.REVOKED_BY_STAFF, by=actor.user, now=now)
        if ended:
            facts = {
                "user_id": name_of(session.user_id),
                "count": 1,
                "sample": [str(session.pk)],
            }
            record(
                actor, Deed(event=events.STAFF_ENDED, flag=DELETED, session=session.pk, facts=facts)
            )
    return ended


def extend_one(
    session: Session, actor: Actor, *, lifetime: timedelta | None, now: datetime
) -> Extension:
    """`extend_session()`, written down where it did extend it. Raises ActionNotRecorded too."""
    with bounded_write(database()):
        done = extend_session(session, lifetime=lifetime, by=actor.user, now=now)
        if done.is_extended and done.expires_at is not None:
            facts = {
                "user_id": name_of(session.user_id),
                "expires_at": done.expires_at.isoformat(),
            }
            record(actor, Deed(event=events.STAFF_EXTENDED, session=session.pk, facts=facts))
    return done


def create_for(
    user: Any,
    claims: Sequence[MethodClaim],
    actor: Actor,
    *,
    snapshot: ClientSnapshot,
    session_type: str,
    name: str,
    scopes: Sequence[str],
    audience: str,
    lifetime: timedelta | None,
    now: datetime,
) -> Issued:
    """Start a session of `user` that is presented by a secret; return both.

    Raises CreationDenied, what `start_token_session()` raises, and ActionNotRecorded:
    nothing is stored then.
    """
    refuse_creation(actor.user, user)
    with bounded_write(database()):
        issued = start_token_session(
            user,
            claims,
            snapshot=snapshot,
            session_type=session_type,
            name=name,
            scopes=scopes,
            audience=audience,
            lifetime=lifetime,
            now=now,
        )
        session = issued.session
        facts = {
            "user_id": name_of(user.pk),
            "session_type": session_type,
            "scopes": sorted(set(scopes)),
            "client_address": snapshot.address,
            "expires_at": session.expires_at.isoformat(),
        }
        record(
            actor,
            Deed(event=events.STAFF_STARTED, flag=ADDED, session=session.pk, facts=facts),
        )
    return issued


def refuse_creation(actor: Any, user: Any) -> None:
    """Raise CreationDenied where `actor` may start no session for `user`.

    A session of staff would lend its maker what only a superuser may give.
    """
    if not getattr(user, "is_active", True):
        raise CreationDenied("inactive", gettext("This user is disabled."))
    is_staff = getattr(user, "is_staff", False) or getattr(user, "is_superuser", False)
    if is_staff and not getattr(actor, "is_superuser", False):
        raise CreationDenied("staff", gettext("Only a superuser may start a session for staff."))


def record_impersonation(actor: Actor, session: Session) -> None:
    """Write down that `actor` begins to act as the user of `session`."""
    facts = {
        "user_id": name_of(session.user_id),
        "reason_length": len(session.impersonation_reason),
    }
    deed = Deed(event=events.STAFF_IMPERSONATES, flag=ADDED, session=session.pk, facts=facts)
    record(actor, deed)


def _end_of_many(facts: Mapping[str, Any]) -> Deed:
    return Deed(event=events.STAFF_ENDED, flag=DELETED, facts=facts)


def _told(wanted: Mapping[str, Any]) -> dict[str, int | str]:
    """A predicate as the log has it, also where a formatter prints its values as they are."""
    return {
        name: value if isinstance(value, int) else name_of(value) for name, value in wanted.items()
    }


def _matching(
    wanted: Mapping[str, Any],
    except_for: UUID | None,
    within: SessionQuerySet | None,
    now: datetime,
) -> SessionQuerySet:
    everything = Session.objects.all() if within is None else within
    rows = everything.using(database()).open(now)
    return rows.filter(condition_of(wanted)).except_for(except_for)


def _ids(rows: SessionQuerySet, limit: int) -> list[UUID]:
    # In no order: to sort what a condition finds would take longer than to find it.
    return list(rows.order_by().values_list("pk", flat=True)[:limit])
