"""Acting as a user."""

from __future__ import annotations

from sessions_hub.api.representation import SessionObject
from sessions_hub.api.staff.requests import ImpersonationRequest
from sessions_hub.lifecycle.impersonation_rules import DENIALS

from .examples import SESSION
from .operation import Answer, Body, Operation
from .staff_sessions import TAG

# The others are about stopping, and about what an impersonator does.
_DENIALS = sorted(DENIALS.keys() - {"method", "not_impersonating", "forbidden"})

IMPERSONATE = Operation(
    id="hub_staff_impersonate_user",
    tag=TAG,
    summary="Act as a user in this browser",
    description="No token can. The browser is in the session that began from now on.",
    body=Body((ImpersonationRequest,), {"ticket": {"reason": "ticket 4711"}}, is_required=False),
    answers={
        201: Answer(
            "The session that began.",
            SessionObject,
            {
                **SESSION,
                "session_type": "impersonation",
                "assurance_level": "aal0",
                "auth_method": "impersonation",
                "factors": [],
                "amr": [],
                "authentication_methods": [],
                "devices": [],
                "impersonator": {"email": "grace@example.com", "reason": "ticket 4711"},
            },
        )
    },
    problems={403: tuple(_DENIALS), 404: ("not_found",)},
)

OPERATIONS = {"impersonate": IMPERSONATE}
