"""What the log is told of requests that were refused, and by whom they were made."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from sessions_hub import events

from .bearer import REUSED
from .requirement import Shortfall
from .sighting import snapshot_of
from .state import state_of
from .verdicts import VerdictRow


class RefusedToken:
    """Takes note of why `find_bearer()` knows a secret and does not let it in."""

    def __init__(self) -> None:
        self._row: VerdictRow | None = None
        self._reason = "unknown"

    def __call__(self, row: VerdictRow, reason: str) -> None:
        self._row, self._reason = row, reason

    def tell(self, request: HttpRequest) -> None:
        """One event; none of a secret that was used again, which has one of its own.

        The end of that one's session may be undone by the refusal, where a request is one
        transaction: the middleware makes sure of it afterwards.
        """
        if self._reason == REUSED:
            state_of(request).reused_id = self._row and self._row.id
            return
        if not events.is_heard(events.TOKEN_REFUSED):
            return
        events.emit(
            events.TOKEN_REFUSED,
            session_id=self._row and self._row.id,
            user_id=self._row and self._row.user_id,
            reason=self._reason,
            address=snapshot_of(request).address,
        )


def tell_denied(request: HttpRequest, action: str, reason: str) -> None:
    """Somebody may not do this, whatever they prove."""
    if events.is_heard(events.ACCESS_DENIED):
        events.emit(
            events.ACCESS_DENIED,
            **_who(request),
            action=action or action_of(request),
            reason=reason,
            address=snapshot_of(request).address,
        )


def tell_proof_required(request: HttpRequest, lacking: Shortfall) -> None:
    """Somebody has to prove more, or anew, and may then go on."""
    events.emit(
        events.PROOF_REQUIRED, **_who(request), reason=lacking.lack.value, wanted=lacking.acr
    )


def tell_held(request: HttpRequest) -> None:
    """A session that showed up elsewhere has to be proven before anything else."""
    row = state_of(request).row
    events.emit(
        events.PROOF_REQUIRED,
        session_id=row and row.id,
        user_id=row and row.user_id,
        reason="moved",
        wanted="",
    )


def action_of(request: HttpRequest) -> str:
    """The name of the view: a path may hold what is nobody else's to read."""
    match = request.resolver_match
    return "" if match is None else match.view_name


def _who(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {"session_id": state_of(request).current_id, "user_id": getattr(user, "pk", None)}
