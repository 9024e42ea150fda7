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
    that it has to be asked for one first.
    """

    claim: MethodClaim
    label: str
    takes_code: bool
    sends_code: bool = False

    @property
    def key(self) -> str:
        """How forms and rows name it."""
        return self.claim.factor
