"""One's own sessions: listed, read and described."""

from __future__ import annotations

from sessions_hub.api.representation import SessionObject
from sessions_hub.api.requests import SessionPatch

from .examples import SESSION, page
from .hints import Page, Selected
from .operation import Answer, Body, Operation
from .parameters import ORDERING, PAGES, SELECTING, SESSION_FILTERS

TAG = "Sessions"
SELECTED = Selected(SessionObject, "HubSelectedSession", (("tokenized", str),))

LIST = Operation(
    id="hub_list_sessions",
    tag=TAG,
    summary="List one's own sessions",
    description="Newest first, in pages. All given filters have to be met.",
    parameters=(*SESSION_FILTERS, *SELECTING, *PAGES, ORDERING),
    answers={200: Answer("A page.", Page(SELECTED, "HubSessionPage"), page(SESSION))},
    problems={400: ("invalid",)},
)
RETRIEVE = Operation(
    id="hub_get_session",
    tag=TAG,
    summary="One of one's own sessions",
    description="Also one that has ended.",
    answers={200: Answer("The session.", SessionObject, SESSION)},
    problems={404: ("not_found",)},
)
PATCH = Operation(
    id="hub_update_session",
    tag=TAG,
    summary="Write the metadata of a session, or the name of an API key",
    description="`metadata` is replaced as a whole: at most 4096 bytes of compact JSON, 8 levels.",
    body=Body((SessionPatch,), {"metadata": {"metadata": {"colour": "blue"}}}),
    answers={200: Answer("The session as it is now.", SessionObject, SESSION)},
    problems={403: ("impersonation",), 404: ("not_found",), 409: ("over",)},
)

OPERATIONS = {"list": LIST, "retrieve": RETRIEVE, "partial_update": PATCH}
