"""Whether a user's credentials are still those a session was proven with."""

from __future__ import annotations

from typing import Any

from .digests import CREDENTIALS, digests


def still_match(user: Any, stored: str) -> bool:
    """Whether `stored`, a session's digest, is of the user's password hash as it is now.

    Hashes under a replaced SECRET_KEY count. True where the session has no digest:
    the user model has no such hash.
    """
    if not stored:
        return True
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return stored in {value for one in hashes for value in digests(CREDENTIALS, one)}
