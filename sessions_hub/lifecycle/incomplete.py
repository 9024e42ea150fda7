"""Sign-ins that lack something still: what they are not good for until they have it."""

from __future__ import annotations

from django.http import HttpRequest

from sessions_hub.models import SessionType

from .state import plain_request, state_of

# By a link or a code in a mail alone.
RECOVERIES = frozenset({SessionType.ACCOUNT_RECOVERY, SessionType.CREDENTIAL_RECOVERY})
# What hands nothing on: keys, other people's sessions, a provider's tokens.
NOT_TO_RELY_ON = RECOVERIES | {SessionType.TEMPORARY}


def type_of_request(request: HttpRequest) -> str | None:
    """The type of the session this request was judged by; None where it was by none.

    No query.
    """
    if (plain := plain_request(request)) is None:
        return None
    state = state_of(plain)
    row = state.row if state.bearer is None else state.bearer.row
    return None if row is None else row.session_type


def lacks_a_factor(request: HttpRequest) -> bool:
    """Whether the site said of this session that its second factor is still missing."""
    return type_of_request(request) == SessionType.TEMPORARY
