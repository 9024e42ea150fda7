"""What making and reading tokens raises. No message holds a token, a key or a claim."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "INVALID",
    "REFUSED",
    "InvalidToken",
    "TokenizeError",
    "TokenizeRefused",
    "TokenizeUnavailable",
    "UnknownTemplate",
]

# Code → what it means. Codes are stable: programs compare them.
INVALID: Mapping[str, str] = {
    "too_large": "The token is longer than any of ours.",
    "malformed": "The token is not three parts of base64url.",
    "encoding": "A part of the token is not canonical base64url.",
    "json": "A part of the token is not one plain JSON object.",
    "algorithm": "The algorithm is not the one of the key, or not allowed.",
    "type": "The token is for another purpose.",
    "critical_header": "The token has critical extensions, and none is understood.",
    "foreign_key": "The token brings a key of its own.",
    "key_id": "The token does not name its key.",
    "unknown_key": "The token names a key that is not known.",
    "keys_unavailable": "The keys could not be fetched.",
    "signature": "The signature is not of this key.",
    "missing_claim": "A claim that every token has is missing.",
    "claim_type": "A claim has the wrong type.",
    "issuer": "The token is of another issuer.",
    "audience": "The token is for somebody else.",
    "expired": "The token has expired.",
    "not_yet_valid": "The token is not valid yet.",
    "inactive": "The session is over.",
    "activity_unknown": "It could not be found out whether the session goes on.",
}


class InvalidToken(Exception):
    """A token is not to be believed; `code` (one of INVALID) says why.

    `keys_unavailable` and `activity_unknown` say that it could not be judged.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(INVALID[code])

    @property
    def is_unjudged(self) -> bool:
        """Whether another attempt may have another outcome: 503 rather than 401."""
        return self.code in ("keys_unavailable", "activity_unknown")


class TokenizeError(Exception):
    """No token was made."""


class UnknownTemplate(TokenizeError):
    """SESSIONS_HUB_TOKENIZE_TEMPLATES has no template of this name."""


class TokenizeUnavailable(TokenizeError):
    """Keys or settings do not allow a token to be made: the site's fault, answered 503."""


# Code → why this session gets none.
REFUSED: Mapping[str, str] = {
    "ended": "The session is over.",
    "proof_required": "The session has to be proven again first.",
    "temporary": "The sign-in is not complete.",
    "impersonation": "Somebody acts as the user, and this token is not for them.",
    "audience": "The session is for another audience.",
}


class TokenizeRefused(TokenizeError):
    """This session gets no such token; `code` (one of REFUSED) says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(REFUSED[code])
