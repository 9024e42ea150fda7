"""Ending one's own sessions."""

from __future__ import annotations

from sessions_hub.api.viewsets import EndedObject

from .operation import Answer, Operation
from .sessions import TAG

_FRESH = "Ending other sessions asks for a fresh proof."

DESTROY = Operation(
    id="hub_end_session",
    tag=TAG,
    summary="End one of one's own sessions",
    description=f"204 also when it had ended: the first end stays. {_FRESH}",
    answers={204: Answer("It has ended.")},
    problems={
        403: ("impersonation", "reauthentication_required", "sign_in_incomplete"),
        404: ("not_found",),
    },
)
END_OTHERS = Operation(
    id="hub_end_other_sessions",
    tag=TAG,
    summary="End all of one's sessions but the current one",
    description=_FRESH,
    answers={200: Answer("How many have ended.", EndedObject, {"ended": 3})},
    problems={
        403: ("impersonation", "reauthentication_required"),
        409: ("no_current_session",),
    },
)
END_ALL = Operation(
    id="hub_end_all_sessions",
    tag=TAG,
    summary="End all of one's sessions, the current one last",
    description=f"The current one is signed out of. {_FRESH}",
    answers={200: Answer("How many have ended.", EndedObject, {"ended": 4})},
    problems={403: ("impersonation", "reauthentication_required")},
)

OPERATIONS = {"destroy": DESTROY, "end_others": END_OTHERS, "end_all": END_ALL}
