"""Everybody's sessions, for staff."""

from __future__ import annotations

from sessions_hub.api.representation import SessionObject
from sessions_hub.api.staff.requests import (
    CreateRequest,
    EndRequest,
    ExtendRequest,
    SessionFilters,
)
from sessions_hub.api.staff.sessions import EndedManyObject, ExtendedObject, FoundObject
from sessions_hub.lifecycle import Refusal

from .examples import ISSUED, SESSION, SESSION_ID, page
from .hints import Page
from .operation import Answer, Body, Operation
from .parameters import PAGES
from .programs import ISSUED_SESSION

TAG = "Staff"

LIST = Operation(
    id="hub_staff_list_sessions",
    tag=TAG,
    summary="List everybody's sessions",
    description=(
        "Newest first, in pages. All given filters have to be met. A page looks through so many "
        "sessions and no more: it may hold fewer than asked for, or none. Follow `next` until it "
        "is null."
    ),
    inputs=SessionFilters,
    parameters=PAGES,
    answers={200: Answer("A page.", Page(SessionObject, "HubStaffSessionPage"), page(SESSION))},
    problems={400: ("invalid",)},
)
RETRIEVE = Operation(
    id="hub_staff_get_session",
    tag=TAG,
    summary="One of anybody's sessions",
    description="Also one that has ended.",
    answers={200: Answer("The session.", SessionObject, SESSION)},
    problems={404: ("not_found",)},
)
CREATE = Operation(
    id="hub_staff_create_session",
    tag=TAG,
    summary="Start a session for a user",
    description=(
        "For a server that has signed somebody in by means of its own. `ip` and `user_agent` are "
        "the end user's. By cookie it takes a fresh proof."
    ),
    body=Body(
        (CreateRequest,),
        {
            "server": {
                "user": "7",
                "name": "shop frontend",
                "scopes": ["sessions:read"],
                "lifetime": 3600,
                "ip": "203.0.113.9",
                "user_agent": "Mozilla/5.0 …",
            }
        },
    ),
    answers={201: Answer("The session, with its secret.", ISSUED_SESSION, ISSUED)},
    problems={
        403: ("reauthentication_required", "staff", "inactive", "scopes_not_granted"),
        409: ("no_current_session", "not_rotated", "too_many_sessions"),
    },
)
EXTEND = Operation(
    id="hub_staff_extend_session",
    tag=TAG,
    summary="Let a session last longer",
    description="As far as its limits allow; it never shortens.",
    body=Body((ExtendRequest,), {"day": {"lifetime": 86400}}, is_required=False),
    answers={
        200: Answer(
            "Its limits.",
            ExtendedObject,
            {
                "id": SESSION_ID,
                "expires_at": "2026-05-02T12:00:00Z",
                "idle_expires_at": "2026-05-02T12:00:00Z",
            },
        )
    },
    problems={404: ("not_found",), 409: ("not_extended", *(one.value for one in Refusal))},
)
DESTROY = Operation(
    id="hub_staff_end_session",
    tag=TAG,
    summary="End a session",
    description="204 also when it had ended: the first end stays.",
    answers={204: Answer("It has ended.")},
    problems={404: ("not_found",)},
)
END = Operation(
    id="hub_staff_end_sessions",
    tag=TAG,
    summary="End all sessions that meet conditions",
    description=(
        "At least one condition, and all have to be met; never the session that asks. With "
        "`dry_run` it only looks. It goes in batches: what had ended before a fault stays ended."
    ),
    body=Body(
        (EndRequest,),
        {"old_phones": {"os_code": "IOS", "os_version_below": "18.1", "dry_run": True}},
    ),
    answers={
        200: Answer(
            "What has ended, or, of a dry run, what would.",
            EndedManyObject | FoundObject,
            {"ended": 1317, "more": False, "sample": [SESSION_ID]},
        )
    },
)

OPERATIONS = {
    "list": LIST,
    "retrieve": RETRIEVE,
    "create": CREATE,
    "extend": EXTEND,
    "destroy": DESTROY,
    "end": END,
}
