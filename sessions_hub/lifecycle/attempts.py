"""How often an account may be asked in vain (NIST SP 800-63B-4 §3.2.2: at most 100 times)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sessions_hub.conf import conf

from . import counting
from .digests import ATTEMPTS, digest

WINDOW = timedelta(minutes=15)
# Without a cache every process counts for itself, so each allows less.
WITHOUT_A_CACHE = 3


def of_password(user_id: Any) -> str:
    """What counts the wrong passwords of an account, whoever asks for them."""
    return f"password:{user_id}"


def of_factor(user_id: Any) -> str:
    """What counts the wrong codes and keys of an account, whoever asks for them."""
    return f"factor:{user_id}"


def may_try(user_id: Any) -> bool:
    """Count one attempt of an account, or of one of its secrets; False after too many in vain.

    Counted before the secret is looked at, so that parallel attempts cannot pass
    together. The window begins with the first attempt after a success.
    """
    counted = counting.count(_key(user_id), WINDOW)
    allowed = conf.SESSIONS_HUB_REAUTHENTICATE_ATTEMPTS
    return counted.events <= (allowed if counted.is_shared else min(WITHOUT_A_CACHE, allowed))


def succeeded(user_id: Any) -> None:
    """Forget an account's failures: only consecutive ones count."""
    counting.forget(_key(user_id))


def _key(user_id: Any) -> str:
    return f"sessions_hub:attempts:{digest(ATTEMPTS, str(user_id))}"
