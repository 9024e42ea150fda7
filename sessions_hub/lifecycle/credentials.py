"""Whether a session's sign-in still rests on the credentials its user has now."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser

from .digests import CREDENTIALS, digests


def credentials_hold(user: AbstractBaseUser, stored: str) -> bool:
    """Whether `stored`, a session's `credentials_digest`, is of the password `user` has.

    Django's session hash is compared, under the current and the fallback keys. A
    session without a digest (a program's) rests on no password.
    """
    if not stored:
        return True
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(stored in digests(CREDENTIALS, one) for one in hashes)
