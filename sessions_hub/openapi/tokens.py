"""For services: asking about a token, ending its session, and the keys that verify one."""

from __future__ import annotations

from sessions_hub.api.introspect import IntrospectionObject
from sessions_hub.api.jwks import KeySetObject

from .examples import SECRET, SESSION_ID
from .hints import Open
from .operation import FORM, Answer, Body, Operation

TAG = "Tokens"
_TOKEN = {
    "type": "object",
    "properties": {
        "token": {"type": "string", "minLength": 1},
        "token_type_hint": {"type": "string"},
    },
    "required": ["token"],
}
_FORM = Body((_TOKEN,), {"secret": {"token": SECRET}}, FORM)

INTROSPECT = Operation(
    id="hub_introspect_token",
    tag=TAG,
    summary="Whether the session of a token goes on (RFC 7662)",
    description=(
        "For staff with the permission `sessions_hub.view_session`, and services with a token of "
        "theirs."
    ),
    body=_FORM,
    answers={
        200: Answer(
            "What the token says, or `active: false` alone for whatever is no token of the site.",
            Open(IntrospectionObject),
            {
                "active": True,
                "token_type": "Bearer",
                "sub": "7",
                "username": "ada",
                "sid": SESSION_ID,
                "scope": "sessions:read",
                "exp": 1778241600,
                "acr": "aal1",
            },
        )
    },
    problems={403: ("impersonation",), 429: ("throttled",)},
)
REVOKE = Operation(
    id="hub_revoke_token",
    tag=TAG,
    summary="End the session of a token (RFC 7009)",
    description=(
        "For its user, and for staff with the permission `sessions_hub.end_session`. A token ends "
        "its own session; for another one of its user it needs the scope `sessions:write`, for "
        "anybody's `staff`."
    ),
    body=_FORM,
    answers={200: Answer("It has ended, or there was nothing to end.")},
    problems={
        403: ("insufficient_scope", "impersonation", "reauthentication_required"),
        429: ("throttled",),
    },
)
JWKS = Operation(
    id="hub_get_key_set",
    tag=TAG,
    summary="The keys that verify signed tokens (RFC 7517)",
    description="Public halves only, for everybody.",
    answers={
        200: Answer(
            "The keys.",
            KeySetObject,
            {
                "keys": [
                    {
                        "kty": "EC",
                        "crv": "P-256",
                        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                        "kid": "hub-thumbprint",
                        "alg": "ES256",
                        "use": "sig",
                    }
                ]
            },
            {"Cache-Control": "How long verifiers keep them."},
        )
    },
)
