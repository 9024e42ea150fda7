"""Where a session was used, by what it was proven, and what providers gave."""

from __future__ import annotations

from sessions_hub.api.places import PlaceObject
from sessions_hub.api.provider_tokens import ProviderTokensObject
from sessions_hub.api.representation import PastMethodObject
from sessions_hub.api.requests import NoMembers
from sessions_hub.lifecycle.provider_tokens import TOKEN_DENIALS

from .examples import PLACE, PROOF, page
from .hints import Page
from .operation import Answer, Body, Operation
from .parameters import PAGES
from .sessions import TAG

DEVICES = Operation(
    id="hub_list_session_places",
    tag=TAG,
    summary="Where a session was used",
    description="The sign-in first, in pages.",
    parameters=PAGES,
    answers={200: Answer("A page.", Page(PlaceObject, "HubPlacePage"), page(PLACE))},
    problems={400: ("invalid",), 404: ("not_found",)},
)
METHODS = Operation(
    id="hub_list_session_proofs",
    tag=TAG,
    summary="By what a session was proven",
    description="The first proof first. Those too whose authenticator was removed since.",
    parameters=PAGES,
    answers={
        200: Answer(
            "A page.",
            Page(PastMethodObject, "HubPastMethodPage"),
            page({**PROOF, "revoked_at": None}),
        )
    },
    problems={400: ("invalid",), 404: ("not_found",)},
)
# The other denials are answered as problems of other names: 404, and a fresh proof.
_DENIALS = sorted(TOKEN_DENIALS.keys() - {"owner", "stale"})
PROVIDER_TOKENS = Operation(
    id="hub_read_provider_tokens",
    tag=TAG,
    summary="What the providers of a session gave",
    description="For the owner in a browser, freshly proven, where the site says so.",
    body=Body((NoMembers,), {"nothing": {}}, is_required=False),
    answers={
        200: Answer(
            "The tokens.",
            ProviderTokensObject,
            {
                "provider_tokens": [
                    {
                        "authentication_method": PROOF["id"],
                        "provider": "company",
                        "provider_uid": "4711",
                        "issuer": "https://company.example",
                        "provider_access_token": "ya29…",
                        "provider_refresh_token": "",
                        "provider_access_token_expires_at": "2026-05-01T13:00:00Z",
                    }
                ]
            },
        )
    },
    problems={
        403: (*_DENIALS, "reauthentication_required"),
        404: ("not_found",),
        503: ("provider_token_unreadable",),
    },
)

OPERATIONS = {
    "devices": DEVICES,
    "authentication_methods": METHODS,
    "provider_tokens": PROVIDER_TOKENS,
}
