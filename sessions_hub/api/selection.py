"""Which keys of a session an answer has, and so which of its rows have to be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

# What rests on the rows behind a name of `?expand=`: without them it would be untrue.
METHODS = "authentication_methods"
PLACES = "devices"
RESTING_ON: Mapping[str, frozenset[str]] = {
    METHODS: frozenset(
        {
            METHODS,
            "auth_method",
            "factors",
            "amr",
            "provider",
            "provider_uid",
            "provider_access_token_expires_at",
        }
    ),
    PLACES: frozenset({PLACES, "device_id", "device_name"}),
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The keys that are answered; all of them for None."""

    keys: frozenset[str] | None = None

    @property
    def has_methods(self) -> bool:
        """Whether proofs have to be read for it."""
        return self.keys is None or not self.keys.isdisjoint(RESTING_ON[METHODS])

    @property
    def has_places(self) -> bool:
        """Whether places of use and devices have to be read for it."""
        return self.keys is None or not self.keys.isdisjoint(RESTING_ON[PLACES])

    @property
    def has_user(self) -> bool:
        """Whether what is shown of its user has to be made for it."""
        return self.keys is None or "user" in self.keys

    def of(self, whole: Mapping[str, Any]) -> dict[str, Any]:
        """The selected keys of an answer, in its order."""
        keys: Collection[str] = whole.keys() if self.keys is None else self.keys
        return {key: value for key, value in whole.items() if key in keys}


WHOLE = Selection()
