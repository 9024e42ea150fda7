"""From completed methods to an authenticator assurance level (NIST SP 800-63B-4).

Pure. A level is never stored higher than its methods give.
"""

from __future__ import annotations

from collections.abc import Iterable

from sessions_hub.models.choices import AssuranceLevel, Method

# Something the user knows.
_KNOW = frozenset({Method.PASSWORD})
# Something the user has, that makes aal2 together with a password (§2.2.1).
_HAVE = frozenset(
    {Method.TOTP, Method.LOOKUP_SECRET, Method.WEBAUTHN, Method.SMS, Method.DEVICEAUTHN}
)
# One authenticator that is two factors by itself: a passkey with user verification.
# Synced ones are exportable, so it is never more than aal2 (§2.3.2).
_MULTI = frozenset({Method.PASSKEY})
# Nobody proved anything.
_NOTHING = frozenset({Method.UNKNOWN, Method.ANONYMOUS})

# Methods that count as a second factor for `mfa_updated_at`.
SECOND_FACTORS = _HAVE | _MULTI


def level_of(method: str) -> AssuranceLevel:
    """The level one method gives by itself; aal0 for one nobody knows."""
    if method in _NOTHING or method not in Method.values:
        return AssuranceLevel.AAL0
    return AssuranceLevel.AAL2 if method in _MULTI else AssuranceLevel.AAL1


def level_of_all(methods: Iterable[str]) -> AssuranceLevel:
    """The level a set of completed methods gives together.

    A password and something one has are aal2. Two things one has are not, and
    neither are codes or links sent by mail.
    """
    completed = set(methods)
    if completed & _KNOW and completed & _HAVE:
        return AssuranceLevel.AAL2
    return max((level_of(method) for method in completed), default=AssuranceLevel.AAL0)
