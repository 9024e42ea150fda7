"""How people prove who they are, by their style: at the sign-in, and after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from example_project.demo.draw import Draw
from sessions_hub.models import Method
from sessions_hub.understanding.methods import MethodClaim

PASSWORD = MethodClaim(method=Method.PASSWORD)
CODE = MethodClaim(method=Method.TOTP)
BACKUP_CODE = MethodClaim(method=Method.LOOKUP_SECRET)
PASSKEY = MethodClaim(method=Method.PASSKEY, user_verified=True, backup_eligible=True)
SECURITY_KEY = MethodClaim(method=Method.WEBAUTHN, user_verified=False, backup_eligible=False)
LINK = MethodClaim(method=Method.MAGIC_LINK)
RECOVERY = MethodClaim(method=Method.LINK_RECOVERY)
TOKEN = MethodClaim(method=Method.TOKEN)

# Style → with what people begin, and with what they go on on a second page.
FIRST: Mapping[str, MethodClaim] = {
    "password": PASSWORD, "totp": PASSWORD, "passkey": PASSKEY, "security-key": PASSWORD,
    "link": LINK,
}  # fmt: skip
SECOND: Mapping[str, MethodClaim] = {"totp": CODE, "security-key": SECURITY_KEY}
# With what a session of one factor is stepped up, where its user has something.
STEP_UP: Mapping[str, MethodClaim] = {"password": CODE, "oidc": PASSKEY, "link": PASSKEY}


def first(style: str, number: int) -> MethodClaim:
    """The proof a sign-in begins with; `number` is the person's, for their provider."""
    if style == "oidc":
        return MethodClaim(
            method=Method.OIDC, provider="company", provider_uid=f"made-up-{number:04d}"
        )
    return FIRST[style]


def second(style: str, draw: Draw) -> tuple[timedelta, MethodClaim] | None:
    """The proof of the second page and how long it takes; None where there is none."""
    if style not in SECOND:
        return None
    claim = SECOND[style]
    if claim is CODE and draw.happens(0.04):
        claim = BACKUP_CODE
    return timedelta(seconds=draw.numbers.uniform(7, 45)), claim
