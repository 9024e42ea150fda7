"""Encrypting stored provider tokens under the first key, in bounded batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db import OperationalError, connections
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from sessions_hub.credentials.encryption import (
    DecryptionFailed,
    UnknownKey,
    decrypt,
    encrypt,
    key_id_of,
    place_of,
)
from sessions_hub.credentials.keys import Key, key_ring
from sessions_hub.models import AuthenticationMethod

from .contention import is_contention
from .guard import bounded_write, database
from .provider_record import TOKEN_COLUMNS

# Whoever needs a row of the batch waits for all of them.
BATCH = 100


class NoEncryptionKey(Exception):
    """SESSIONS_HUB_ENCRYPTION_KEYS is empty: there is nothing to encrypt under."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """Tokens by what came of them.

    `rotated` ones are under the first key now (in a dry run: would be), `current` ones
    were already. `unknown` ones, by the id of their key, need a key that is not in the
    ring, and `unreadable` ones were changed or are no ciphertexts: all of these stay as
    they are. So do `left` ones, which others had locked or changed meanwhile.
    """

    # Rows, each with up to two tokens.
    rows: int = 0
    read: int = 0
    rotated: int = 0
    current: int = 0
    left: int = 0
    unreadable: int = 0
    unknown: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count another tally in."""
        for name in ("rows", "read", "rotated", "current", "left", "unreadable"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.unknown.update(other.unknown)

    @property
    def is_complete(self) -> bool:
        """Whether no token is left that needs another key than the first."""
        return not (self.left or self.unreadable or self.unknown)


class _Change(NamedTuple):
    row: Mapping[str, Any]
    values: Mapping[str, str]


def rekey(*, batch_size: int = BATCH, dry_run: bool = False) -> Iterator[Tally]:
    """Encrypt all provider tokens under the first key; yield what came of each batch.

    In the order of ids, each batch in one short transaction of its own. Running again is
    safe at any time, also after a run that was killed: what is under the first key is
    only looked at. Raises NoEncryptionKey, ImproperlyConfigured for a weak key, and
    django.db.Error; a lock that is not to be had is no failure.
    """
    ring = key_ring()
    if not ring:
        raise NoEncryptionKey
    alias = database()
    rows = _with_tokens().order_by("pk")
    last: UUID | None = None
    while True:
        page = rows if last is None else rows.filter(pk__gt=last)
        read = list(page.values("pk", *TOKEN_COLUMNS)[:batch_size])
        if read:
            last = read[-1]["pk"]
            yield _batch(read, ring, alias, dry_run)
        if len(read) < batch_size:
            return


def count_rows() -> int:
    """How many rows `rekey()` looks at."""
    return _with_tokens().count()


def _with_tokens() -> QuerySet[AuthenticationMethod]:
    blank = dict.fromkeys(TOKEN_COLUMNS, "")
    return AuthenticationMethod._base_manager.using(database()).exclude(**blank)


def _batch(
    rows: Sequence[Mapping[str, Any]], ring: Sequence[Key], alias: str, dry_run: bool
) -> Tally:
    tally = Tally(rows=len(rows))
    changes = [change for row in rows if (change := _change(row, ring, tally)).values]
    written = changes if dry_run or not changes else _write(changes, alias)
    tally.rotated = sum(len(change.values) for change in written)
    tally.left = sum(len(change.values) for change in changes) - tally.rotated
    return tally


def _change(row: Mapping[str, Any], ring: Sequence[Key], tally: Tally) -> _Change:
    """What of a row is to be written; what stays is counted."""
    values = {}
    for column in TOKEN_COLUMNS:
        if not row[column]:
            continue
        tally.read += 1
        try:
            renewed = _renewed(row, column, ring)
        except UnknownKey as error:
            tally.unknown[error.key_id] += 1
        except DecryptionFailed:
            tally.unreadable += 1
        else:
            if renewed is None:
                tally.current += 1
            else:
                values[column] = renewed
    return _Change(row, values)


@sensitive_variables()
def _renewed(row: Mapping[str, Any], column: str, ring: Sequence[Key]) -> str | None:
    """The token under the first key; None where it is already. Raises DecryptionFailed."""
    place = place_of(AuthenticationMethod, row["pk"], column)
    # Also of one that stays: that it can be read is worth knowing before a key goes.
    secret = decrypt(row[column], place, ring)
    return None if key_id_of(row[column]) == ring[0].id else encrypt(secret, place, ring[0])


def _write(changes: Sequence[_Change], alias: str) -> list[_Change]:
    """Write the rows that still are as they were read; return those."""
    features = connections[alias].features
    rows = AuthenticationMethod._base_manager.using(alias)
    try:
        with bounded_write(alias):
            mine = rows.filter(pk__in=[change.row["pk"] for change in changes]).order_by("pk")
            mine = mine.select_for_update(
                skip_locked=features.has_select_for_update_skip_locked,
                no_key=features.has_select_for_no_key_update,
            )
            stored = {row["pk"]: row for row in mine.values("pk", *TOKEN_COLUMNS)}
            written = [change for change in changes if stored.get(change.row["pk"]) == change.row]
            for change in written:
                rows.filter(pk=change.row["pk"]).update(**change.values)
    except OperationalError as error:
        if not is_contention(error):
            raise
        return []
    return written
