"""Sessions of programs: signing in, API keys, and changing a secret."""

from __future__ import annotations

from sessions_hub.api.representation import SessionObject
from sessions_hub.api.requests import SignInRequest, TokenRequest

from .examples import ISSUED
from .hints import Extended
from .operation import Answer, Body, Operation

TAG = "Programs"
ISSUED_SESSION = Extended(SessionObject, "HubIssuedSession", "secret")

CREATE = Operation(
    id="hub_create_session",
    tag=TAG,
    summary="Sign a program in, or make an API key",
    description=(
        "Without a session: the credentials of a user. Somebody who is signed in makes an API key, "
        "by cookie with a fresh proof."
    ),
    body=Body(
        (SignInRequest, TokenRequest),
        {
            "sign_in": {
                "username": "ada",
                "password": "…",
                "code": "123456",
                "name": "Shop on my phone",
                "scopes": ["sessions:read"],
            },
            "api_key": {"name": "nightly export", "scopes": ["sessions:read"], "lifetime": 86400},
        },
    ),
    answers={201: Answer("The session, with its secret.", ISSUED_SESSION, ISSUED)},
    problems={
        401: ("wrong_credentials", "factors_needed"),
        403: ("sign_in_off", "scopes_not_granted", "impersonation", "reauthentication_required"),
        409: ("no_current_session", "not_rotated", "too_many_sessions"),
        429: ("throttled", "too_many_attempts"),
    },
    anybody=True,
    names_device=True,
)
ROTATE = Operation(
    id="hub_rotate_secret",
    tag=TAG,
    summary="Replace the secret that was presented",
    description=(
        "The old one may finish requests on their way for a few seconds; used later, it has been "
        "copied, and the session ends."
    ),
    answers={200: Answer("The session, with its new secret.", ISSUED_SESSION, ISSUED)},
    problems={409: ("no_token", "not_rotated"), 429: ("throttled",)},
)

OPERATIONS = {"create": CREATE, "rotate": ROTATE}
