"""The session a request is in: read, also by proxies, extended and proven again."""

from __future__ import annotations

from sessions_hub.api.representation import SessionObject
from sessions_hub.api.requests import ExtendRequest, StepUpRequest
from sessions_hub.credentials.jwt_errors import REFUSED
from sessions_hub.lifecycle import Refusal

from .examples import SECRET, SESSION
from .hints import Extended
from .operation import Answer, Body, Operation
from .parameters import DEMANDS, SELECTING, TOKENIZE_AS
from .sessions import SELECTED, TAG

PROVEN = Extended(SessionObject, "HubProvenSession", "secret", is_required=False)
# docs/forward-auth.md
HEADERS = {
    "X-Session-Id": "The session.",
    "X-Session-User": "The user's key, percent-encoded.",
    "X-Session-Username": "The user's name, percent-encoded.",
    "X-Session-Assurance-Level": "`aal0` to `aal3`, of the proofs that stand.",
    "X-Session-Type": "`impersonation` where somebody else acts as the user.",
    "X-Session-Scopes": "Of a token; empty for browsers.",
    "X-Session-Audience": "Of a token; empty for browsers.",
}

READ = Operation(
    id="hub_get_current_session",
    tag=TAG,
    summary="The session this request is in",
    description=(
        "For people, and for proxies that ask whether a request may go on and as whose: nginx, "
        "Traefik and Envoy read the headers."
    ),
    parameters=(*SELECTING, TOKENIZE_AS, *DEMANDS),
    answers={200: Answer("The session.", SELECTED, SESSION, HEADERS)},
    problems={
        400: ("invalid",),
        401: ("insufficient_user_authentication",),
        403: ("insufficient_scope", *(f"tokenize_{code}" for code in REFUSED)),
        404: ("not_found",),
        409: ("not_rotated",),
    },
)
EXTEND = Operation(
    id="hub_extend_current_session",
    tag=TAG,
    summary="Let the current session last longer",
    description=(
        "A browser's lasts as long as its cookie from now on, and takes no members; a program's "
        "`lifetime` seconds."
    ),
    body=Body((ExtendRequest,), {"program": {"lifetime": 3600}, "browser": {}}, is_required=False),
    answers={200: Answer("The session with its new limits.", SessionObject, SESSION)},
    problems={409: ("no_current_session", *(refusal.value for refusal in Refusal))},
)
STEP_UP = Operation(
    id="hub_prove_current_session",
    tag=TAG,
    summary="Prove the current session again",
    description=(
        "By a password, a code or both; `factor` names the authenticator where there are several. "
        "The cookie's key changes with the answer, and a program finds its new secret in `secret`."
    ),
    body=Body((StepUpRequest,), {"password": {"password": "…"}, "code": {"code": "123456"}}),
    answers={200: Answer("The session as proven.", PROVEN, {**SESSION, "secret": SECRET})},
    problems={
        403: ("wrong_proof", "impersonation"),
        409: ("no_current_session", "full_proof_needed", "nobody_to_ask", "not_rotated"),
        429: ("too_many_attempts",),
    },
    is_held=False,
)

OPERATIONS = {"current": READ, "extend": EXTEND, "step_up": STEP_UP}
