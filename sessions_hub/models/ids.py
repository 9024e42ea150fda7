"""UUIDv7 (RFC 9562): ids that sort by time, so an id is a keyset cursor too."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id() -> UUID:
    """A new id, greater than those this process made before it."""
    return uuid_utils.compat.uuid7()


def id_at(moment: datetime) -> UUID:
    """A new id that carries `moment` (aware) as its time, to the millisecond."""
    microseconds = (moment - _EPOCH) // (moment.resolution)
    return uuid_utils.compat.uuid7(nanoseconds=max(0, microseconds * 1000))
