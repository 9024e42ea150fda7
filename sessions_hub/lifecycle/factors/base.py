"""One factor of a user, as every package's module tells it."""

from __future__ import annotations

from dataclasses import dataclass

from sessions_hub.understanding.methods import MethodClaim


@dataclass(frozen=True, slots=True)
class Factor:
    """An authenticator a user has: the proof it would make, and what they call it.

    `takes_code` says that it can be proven by a code typed into a form.
    """

    claim: MethodClaim
    label: str
    takes_code: bool
