"""One factor of a user, as every package's module tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sessions_hub.understanding.methods import MethodClaim


class ProviderAnswer(NamedTuple):
    """What another site's verified answer says of how it authenticated its user."""

    provider: str
    uid: str
    acr: str
    amr: tuple[str, ...]


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
