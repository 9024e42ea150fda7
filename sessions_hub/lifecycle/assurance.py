"""From completed proofs to an authenticator assurance level (NIST SP 800-63B-4 §2.1–2.3).

Pure. What nobody has told is taken for the weaker: a level is never higher than
what its proofs are known to give. `upstream` is SESSIONS_HUB_UPSTREAM_AAL2 wherever
it stands here: provider → the `acr` and `amr` values that mean aal2 with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sessions_hub.models.choices import AssuranceLevel, Method
from sessions_hub.understanding.methods import Proof

Upstream = Mapping[str, Mapping[str, Any]]

# Something the user knows.
_KNOW = frozenset({Method.PASSWORD})
# Keys of WebAuthn: phishing-resistant; two factors at once where the user was verified.
_KEYS = frozenset({Method.WEBAUTHN, Method.PASSKEY})
# Something the user has, that makes aal2 together with a password (§2.2.1).
_HAVE = _KEYS | {Method.TOTP, Method.LOOKUP_SECRET, Method.SMS, Method.DEVICEAUTHN}
# What somebody else vouches for: aal1, whatever they asked for, unless they say (ASVS 6.8.4).
_FEDERATED = frozenset({Method.OIDC, Method.SAML})
# Nobody proved anything.
_NOTHING = frozenset({Method.UNKNOWN, Method.ANONYMOUS})

# Methods that count as a second factor for `mfa_updated_at`.
SECOND_FACTORS = _HAVE


def level_of(proof: Proof, upstream: Upstream | None = None) -> AssuranceLevel:
    """The level one proof gives by itself; aal0 for a method nobody knows.

    A key of WebAuthn that verified its user is two factors: aal2, and aal3 where it
    is known that the key cannot be exported. A synced passkey is never more than aal2.
    """
    if proof.method in _NOTHING or proof.method not in Method.values:
        return AssuranceLevel.AAL0
    if proof.method in _KEYS and proof.user_verified is True:
        return AssuranceLevel.AAL3 if _is_bound(proof) else AssuranceLevel.AAL2
    if proof.method in _FEDERATED and _vouched(proof, upstream or {}):
        return AssuranceLevel.AAL2
    return AssuranceLevel.AAL1


def level_of_all(proofs: Iterable[Proof], upstream: Upstream | None = None) -> AssuranceLevel:
    """The level proofs give together.

    A password and something one has are aal2, and aal3 where that is a key which
    cannot be exported. Two things one has are aal1, and neither codes or links sent
    by mail nor another site's sign-in make more of a password.
    """
    proofs = list(proofs)
    level = max((level_of(proof, upstream) for proof in proofs), default=AssuranceLevel.AAL0)
    if any(proof.method in _KNOW for proof in proofs):
        if any(_is_bound(proof) for proof in proofs):
            return AssuranceLevel.AAL3
        if any(proof.method in _HAVE for proof in proofs):
            return max(level, AssuranceLevel.AAL2)
    return level


def counts_towards(proof: Proof, level: int, upstream: Upstream | None = None) -> bool:
    """Whether a proof is one of those that can make up `level`.

    A code by mail proves something, and is no part of aal2: it does not make an aal2
    fresh again.
    """
    alone = level_of(proof, upstream)
    match level:
        case AssuranceLevel.AAL0 | AssuranceLevel.AAL1:
            return alone >= AssuranceLevel.AAL1
        case AssuranceLevel.AAL2:
            return proof.method in _KNOW | _HAVE or alone >= AssuranceLevel.AAL2
        case _:
            return proof.method in _KNOW or _is_bound(proof)


def _is_bound(proof: Proof) -> bool:
    """A key that is known to stay in its authenticator (BE flag of WebAuthn Level 3, §6.1.3)."""
    return proof.method in _KEYS and proof.backup_eligible is False


def _vouched(proof: Proof, upstream: Any) -> bool:
    """Whether the provider has said what means aal2 with it. An empty `acr` says nothing."""
    meant = upstream.get(proof.provider) if isinstance(upstream, Mapping) else None
    if not proof.provider or not isinstance(meant, Mapping):
        return False
    if proof.upstream_acr and proof.upstream_acr in _texts(meant.get("acr")):
        return True
    return not _texts(proof.upstream_amr).isdisjoint(_texts(meant.get("amr")))


def _texts(values: Any) -> frozenset[str]:
    # One text alone is no list of its letters.
    if not isinstance(values, list | tuple | set | frozenset):
        return frozenset()
    return frozenset(value for value in values if isinstance(value, str) and value)
