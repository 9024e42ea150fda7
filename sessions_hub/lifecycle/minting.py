"""What a credential may hand out: never more, and never for longer, than it is itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from sessions_hub.conf import conf
from sessions_hub.credentials.scopes import Scope
from sessions_hub.models import AssuranceLevel, Method, Session
from sessions_hub.understanding.methods import MethodClaim

from .bearer import Bearer
from .current import current_session
from .exceptions import SessionsHubError
from .incomplete import NOT_TO_RELY_ON

# As an absolute limit is stored: a new one must not end a microsecond later.
_SHORTEST = timedelta(seconds=1)


def may_hand_out(bearer: Bearer | None) -> bool:
    """Whether the credential that asks may hand out others at all.

    Not a secret that was replaced: where it had been copied, what it makes would outlast
    the end of its session.
    """
    return bearer is None or not bearer.is_replaced


class HandsNothingOut(SessionsHubError):
    """A request in a session that may make no credentials; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"This session hands no credentials out: {code}.")
        self.code = code


def parent_of(request: HttpRequest, bearer: Bearer | None, now: datetime) -> Session:
    """The session this request is in, where it may hand out credentials.

    They go on when it has ended, so it has to go on itself, also where nobody is refused
    (SESSIONS_HUB_ENFORCE off); and what is short-lived for want of a second factor, or of
    more than a link in a mail, must not last by them. Raises HandsNothingOut with the code
    `not_rotated`, `no_current_session` or `sign_in_incomplete`.
    """
    if not may_hand_out(bearer):
        raise HandsNothingOut("not_rotated")
    parent = current_session(request)
    if parent is None or parent.how_ended(now) is not None:
        raise HandsNothingOut("no_current_session")
    if parent.session_type in NOT_TO_RELY_ON:
        raise HandsNothingOut("sign_in_incomplete")
    return parent


def grantable(user: Any, bearer: Bearer | None) -> frozenset[str]:
    """The scopes a new token of this user may have; those of the token that asks, if one does."""
    scopes = {*Scope, *conf.SESSIONS_HUB_SCOPES}
    if not getattr(user, "is_staff", False):
        scopes -= {Scope.STAFF, Scope.INTROSPECT}
    return frozenset(scopes if bearer is None else scopes & bearer.scopes)


def excess(wanted: Iterable[str], user: Any, bearer: Bearer | None) -> list[str]:
    """The scopes that were asked for and are not to be had, sorted."""
    return sorted(set(wanted) - grantable(user, bearer))


def lifetime_within(
    lifetime: timedelta | None, bearer: Bearer | None, now: datetime
) -> timedelta | None:
    """A lifetime from now on that ends no later than the token that asks.

    None stands for the default where nothing asks, and for as long as the token lasts
    where one does.
    """
    if bearer is None:
        return lifetime
    left = max(bearer.row.expires_at - now, _SHORTEST)
    return left if lifetime is None else min(lifetime, left)


def audience_within(audience: str, bearer: Bearer | None) -> str | None:
    """Whom a credential is for: whom the token that asks is for, where that is for somebody.

    None where another one was asked for.
    """
    if bearer is None or not bearer.audience:
        return audience
    return bearer.audience if audience in {"", bearer.audience} else None


def claims_within(parent: Session, method: Method = Method.TOKEN) -> list[MethodClaim]:
    """The proof a handed-out credential rests on: `method`, where its maker had proven anything.

    By default possession of it, as with an API key. Never more than aal1.
    """
    proven = parent.assurance_level > AssuranceLevel.AAL0
    return [MethodClaim(method=(method if proven else Method.UNKNOWN).value)]
