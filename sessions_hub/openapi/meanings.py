"""What each code of a problem means, in one line."""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    # What is sent.
    "invalid": "Parameters or members are not known, given twice or not valid; see `errors`.",
    "parse_error": "The body cannot be read.",
    "not_found": "There is nothing with this id, or it is somebody else's.",
    "not_acceptable": "The client accepts no JSON.",
    "too_large": "The body is too large: JSON has at most 64 KB.",
    "unsupported_media_type": "The body is of a type this operation does not read.",
    # Who asks.
    "not_authenticated": "Nobody is signed in.",
    "invalid_token": "The token is unknown, malformed, replaced, expired or ended.",
    "insufficient_user_authentication": "The session has not proven as much, or not lately.",
    "reauthentication_required": "The session has to be proven again first.",
    "csrf_failed": "The cookie came without a CSRF token, or with a wrong one.",
    "insufficient_scope": "The token has not the scopes that are needed; see `scope`.",
    "sign_in_incomplete": "The second factor of this sign-in is missing, or it was by mail alone.",
    "permission_denied": "Whoever asks may not do this.",
    "impersonation": "This is not done while somebody acts as the user.",
    # Signing in.
    "wrong_credentials": "No active account has these credentials.",
    "factors_needed": "The password is right, and a code of a second factor is wanted as well.",
    "sign_in_off": "The site lets no programs sign in.",
    "scopes_not_granted": "These scopes are not to be had; see `scopes`.",
    "too_many_sessions": "The user has as many sessions as the site allows.",
    "throttled": "Called too often.",
    "too_many_attempts": "Too many wrong answers of this account.",
    # The session the request is in.
    "no_current_session": "The request belongs to no session that is known.",
    "no_token": "Only a token can be rotated.",
    "not_rotated": "The secret has been replaced already.",
    "wrong_proof": "What was given to prove the session is not right.",
    "full_proof_needed": "The level takes the password and the code at once.",
    "nobody_to_ask": "Nobody sits in front of a key or a service.",
    # What is to be changed.
    "over": "It has ended, or is forgotten, and stays as it is.",
    "ended": "The session has ended.",
    "too_late": "A limit of the session has passed.",
    "capped": "The session lasts as long as it may.",
    "not_extended": "The session does not last longer.",
    # Signed tokens and provider tokens.
    "tokenize_ended": "The session is over.",
    "tokenize_proof_required": "The session has to be proven again first.",
    "tokenize_temporary": "The sign-in is not complete.",
    "tokenize_impersonation": "Somebody acts as the user, and this token is not for them.",
    "tokenize_audience": "The session is for another audience.",
    "disabled": "The site does not hand out the tokens of providers.",
    "not_signed_in": "The request is in no session of the hub.",
    "provider_token_unreadable": "What is stored cannot be decrypted.",
    # What staff are refused.
    "staff": "Only a superuser does this to a member of staff.",
    "inactive": "The user is disabled.",
    "nested": "Whoever asks acts as somebody else already.",
    "permission": "Whoever asks may not act as another user.",
    "target": "There is no such user.",
    "self": "Nobody acts as themselves.",
    "policy": "The rules of the site do not allow it.",
    "reason": "A reason of 1 to 255 characters is wanted.",
    "stale": "The last proof is too long ago.",
    "backend": "No authentication backend of the site knows this user.",
    "unavailable": "The database did not do what was asked. Nothing is known of the session.",
}
