"""From methods to the `amr` strings of RFC 8176. Pure."""

from __future__ import annotations

from collections.abc import Iterable

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
    "webauthn": ("hwk",),
    "deviceauthn": ("hwk",),
    # Synced passkeys leave the hardware, and the user was verified.
    "passkey": ("swk", "user"),
}


def amr_of(proofs: Iterable[tuple[str, Iterable[object]]], *, multi_factor: bool) -> list[str]:
    """The distinct `amr` strings of proofs, in order, with `mfa` last where it was that.

    A proof is a method and what an upstream provider said of it, of which the
    registered strings are passed on.
    """
    strings: dict[str, None] = {}
    for method, upstream in proofs:
        strings.update(dict.fromkeys(_AMR.get(method, ())))
        strings.update((text, None) for text in upstream if isinstance(text, str))
    known = [text for text in strings if text in REGISTERED and text != "mfa"]
    return [*known, "mfa"] if multi_factor else known
