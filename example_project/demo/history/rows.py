"""The rows of the history while they are made, and how they get into the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from random import Random
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.db import models

from sessions_hub.models import (
    AuthenticationMethod,
    Device,
    FailedSignIns,
    Session,
    SessionDevice,
    SessionToken,
)
from sessions_hub.models.failed_sign_ins import SLOTS, quarter_of
from sessions_hub.models.ids import id_at

BATCH = 1000
_RANDOM_BITS = 62


class Rows:
    """Everything that was made, by kind, and the ids that it is made with."""

    def __init__(self, numbers: Random) -> None:
        self._numbers = numbers
        self.devices: list[Device] = []
        self.sessions: list[Session] = []
        self.places: list[SessionDevice] = []
        self.proofs: list[AuthenticationMethod] = []
        self.tokens: list[SessionToken] = []
        # How many sign-ins failed, by quarter of an hour and slot.
        self.failed: Counter[tuple[datetime, int]] = Counter()
        # The admin's history of what staff did.
        self.entries: list[LogEntry] = []

    def id_at(self, moment: datetime) -> UUID:
        """An id that carries `moment`; its random bits come from the seed."""
        head = id_at(moment).int >> _RANDOM_BITS
        return UUID(int=head << _RANDOM_BITS | self._numbers.getrandbits(_RANDOM_BITS))

    def fail(self, at: datetime) -> None:
        """Count a sign-in that failed."""
        self.failed[quarter_of(at), self._numbers.randrange(SLOTS)] += 1

    def store(self) -> None:
        """Insert all rows, in the order of their ids, as they would have come."""
        for rows in (self.devices, self.sessions, self.places, self.proofs, self.tokens):
            _store(rows, "pk")
        _store(self.entries, "action_time")
        _store(
            [
                FailedSignIns(id=self.id_at(at), starts_at=at, slot=slot, count=count)
                for (at, slot), count in self.failed.items()
            ],
            "pk",
        )


def _store(rows: Sequence[models.Model], order: str) -> None:
    if rows:
        inserted = sorted(rows, key=attrgetter(order))
        type(rows[0])._default_manager.bulk_create(inserted, batch_size=BATCH)
