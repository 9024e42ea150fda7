"""From proofs to the `amr` strings of RFC 8176. Pure, and the one place that makes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .methods import Proof

# Names of the IANA registry "Authentication Method Reference Values".
REGISTERED = frozenset(
    (
        *("face", "fpt", "geo", "hwk", "iris", "kba", "mca", "mfa", "otp", "pin", "pop", "pwd"),
        *("rba", "retina", "sc", "sms", "swk", "tel", "user", "vbm", "wia"),
    )
)
# Links, anonymous sign-ins and foreign providers have no registered string of
# their own: none is made up for them.
_AMR: dict[str, tuple[str, ...]] = {
    "password": ("pwd",),
    "totp": ("otp",),
    "lookup_secret": ("otp",),
    "code": ("otp",),
    "code_recovery": ("otp",),
    "sms": ("otp", "sms"),
    "deviceauthn": ("hwk",),
}


def amr_of(proofs: Iterable[Proof], *, multi_factor: bool) -> list[str]:
    """The distinct `amr` strings of proofs, in order, with `mfa` last where it was that.

    Of what an upstream provider said, the registered strings are passed on.
    """
    strings: dict[str, None] = {}
    for proof in proofs:
        strings.update(dict.fromkeys((*_strings(proof), *_upstream(proof))))
    known = [text for text in strings if text in REGISTERED and text != "mfa"]
    return [*known, "mfa"] if multi_factor else known


def _strings(proof: Proof) -> tuple[str, ...]:
    if proof.method not in ("webauthn", "passkey"):
        return _AMR.get(proof.method, ())
    # Where nobody told whether the key can leave its hardware, it is a key.
    key = {True: "swk", False: "hwk", None: "pop"}[proof.backup_eligible]
    return (key, "user") if proof.method == "passkey" or proof.user_verified else (key,)


def _upstream(proof: Proof) -> Iterator[str]:
    return (text for text in proof.upstream_amr or () if isinstance(text, str))
