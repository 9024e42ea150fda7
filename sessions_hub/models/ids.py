"""UUIDv7 (RFC 9562): ids that sort by time, so an id is a keyset cursor too."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils.compat

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id() -> UUID:
    """A new id, greater than those this process made before it."""
    return uuid_utils.compat.uuid7()


def id_at(moment: datetime) -> UUID:
    """A new id that carries `moment` (aware) as its time, to the quarter of a microsecond.

    The twelve bits after the milliseconds hold the fraction (RFC 9562 §6.2, method
    3), so that sessions started one after the other sort so.
    """
    microseconds = max(0, (moment - _EPOCH) // moment.resolution)
    milliseconds, rest = divmod(microseconds, 1000)
    fraction = rest * 4096 // 1000
    head = (milliseconds & 0xFFFF_FFFF_FFFF) << 16 | 7 << 12 | fraction
    return UUID(int=head << 64 | 2 << 62 | secrets.randbits(62))


def first_id_at(moment: datetime) -> UUID:
    """The smallest id of that millisecond: where a period begins among the ids.

    Version and variant stay: MariaDB sorts UUIDs of other versions differently.
    """
    milliseconds = id_at(moment).int >> 80
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62)


def time_of(pk: UUID) -> datetime:
    """The moment an id carries, to the millisecond."""
    return _EPOCH + timedelta(milliseconds=pk.int >> 80)
