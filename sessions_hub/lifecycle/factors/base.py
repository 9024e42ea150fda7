"""One factor of a user, as every package's module tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from sessions_hub.understanding.methods import MethodClaim


class ProviderAnswer(NamedTuple):
    """What another site's verified answer says of how it authenticated its user."""

    provider: str
    uid: str
    acr: str
    amr: tuple[str, ...]


# Far above what providers hand out, and a bound on what they can make us store.
LONGEST_TOKEN = 32_768


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderGrant:
    """What another site has told of one of its users, and the tokens it gave for them.

    Its user is who `issuer` and `uid` name together (OpenID Connect Core 1.0, §2: `iss`
    and `sub`); an empty text was not told. Raises TypeError and ValueError, without the
    value, for what could not be stored as it is. `repr()` leaves the tokens out.
    """

    provider: str
    uid: str
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    issuer: str = ""
    acr: str = ""
    amr: tuple[str, ...] = ()
    organization: str = ""

    @property
    def is_more_than_a_name(self) -> bool:
        """Whether it tells anything that the proof of the sign-in does not tell."""
        return bool(self.access_token or self.refresh_token or self.issuer)

    def __post_init__(self) -> None:
        for name in ("provider", "uid", "access_token", "refresh_token", "issuer"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name} must be a text.")
        if not self.provider or not self.uid:
            raise ValueError("A provider and its user's id are needed.")
        # Cut, it might be somebody else's.
        if max(len(self.uid), len(self.issuer)) > 255:
            raise ValueError("A user's id and its issuer have at most 255 characters.")
        if max(len(self.access_token), len(self.refresh_token)) > LONGEST_TOKEN:
            raise ValueError(f"A token has at most {LONGEST_TOKEN} characters.")
        if self.expires_at is not None and timezone.is_naive(self.expires_at):
            raise ValueError("expires_at needs a time zone.")


@dataclass(frozen=True, slots=True)
class Factor:
    """An authenticator a user has: the proof it would make, and what they call it.

    `takes_code` says that it can be proven by a code typed into a form, `sends_code`
    that it has to be asked for one first, `takes_key` that it is a key of WebAuthn,
    which a script has to ask.
    """

    claim: MethodClaim
    label: str
    takes_code: bool
    sends_code: bool = False
    takes_key: bool = False

    @property
    def can_be_asked(self) -> bool:
        """Whether a page of this site can have it proven."""
        return self.takes_code or self.takes_key

    @property
    def key(self) -> str:
        """How forms and rows name it."""
        return self.claim.factor
