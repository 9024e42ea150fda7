"""What an action asks of the session that wants it, and whether the session has it.

Reads only: a refusal leaves nothing behind. Whatever cannot be evaluated counts as
aal0.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import AssuranceLevel

from . import proofs
from .assurance import counts_towards
from .available import available_level
from .current import current_session
from .guard import database
from .state import plain_request

AVAILABLE = "available"
_LEVELS = {f"aal{level.value}": level for level in AssuranceLevel}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A level, and how long ago it may have been proven.

    `level` is "aal0" to "aal3", or "available": the highest the user can prove.
    The age counts from the last standing proof that can make up that level, as
    RFC 9470 counts `max_age` from the last active authentication: a code by mail does
    not make an aal2 fresh. Raises ValueError for another level or a negative age.
    """

    level: str = "aal1"
    max_age: timedelta | None = None

    def __post_init__(self) -> None:
        if self.level != AVAILABLE and self.level not in _LEVELS:
            words = ", ".join((*_LEVELS, AVAILABLE))
            raise ValueError(f"There is no assurance level {self.level!r}; use one of: {words}.")
        if self.max_age is not None and self.max_age < timedelta(0):
            raise ValueError("The age of a proof cannot be negative.")

    @property
    def lowest(self) -> AssuranceLevel:
        """The level asked for, and the least that "available" may come to."""
        return _LEVELS.get(self.level, AssuranceLevel.AAL1)


class Lack(Enum):
    """What a session is missing."""

    SIGN_IN = "sign_in"
    LEVEL = "level"
    FRESHNESS = "freshness"


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why a requirement is not met; `level` is what it comes to for this user."""

    lack: Lack
    level: AssuranceLevel
    max_age: timedelta | None = None

    @property
    def acr(self) -> str:
        """The level as `acr_values` has it."""
        return f"aal{self.level.value}"

    @property
    def challenge(self) -> str:
        """The value of WWW-Authenticate (RFC 9470 §3)."""
        parts = [f'Bearer error="{INSUFFICIENT}"', f'acr_values="{self.acr}"']
        if self.max_age is not None:
            parts.append(f'max_age="{self.max_age_seconds}"')
        return ", ".join(parts)

    @property
    def max_age_seconds(self) -> int | None:
        """Whole seconds, rounded down."""
        return None if self.max_age is None else self.max_age // timedelta(seconds=1)


INSUFFICIENT = "insufficient_user_authentication"


def shortfall(
    request: HttpRequest | Any, requirement: Requirement, now: datetime | None = None
) -> Shortfall | None:
    """What the request's session lacks of a requirement; None when it is met.

    At most three SELECTs (one more per factor package for "available"), and no write.
    """
    plain = plain_request(request)
    user = getattr(plain, "user", None)
    if plain is None or user is None or not user.is_authenticated:
        return Shortfall(Lack.SIGN_IN, requirement.lowest, requirement.max_age)
    try:
        return _judge(plain, user, requirement, now or timezone.now())
    except Exception:  # noqa: BLE001
        # Closed: a proof nobody could look at is none.
        log_once_a_minute(
            logger,
            logging.ERROR,
            "requirement",
            "A session's assurance could not be evaluated; it counts as aal0.",
            exc_info=True,
        )
        return Shortfall(Lack.LEVEL, requirement.lowest, requirement.max_age)


def _judge(
    request: HttpRequest, user: Any, requirement: Requirement, now: datetime
) -> Shortfall | None:
    wanted = requirement.lowest
    if requirement.level == AVAILABLE:
        # Somebody who is signed in has proven something, whatever they could prove now.
        wanted = max(available_level(user), wanted)
    session = current_session(request)
    standing = [] if session is None else proofs.standing(session.pk, database())
    level = 0 if session is None else session.assurance_level
    # Never above what its proofs give (NIST SP 800-63B-4 §5.1).
    if min(level, proofs.level_of_claims(standing)) < wanted:
        return Shortfall(Lack.LEVEL, wanted, requirement.max_age)
    if requirement.max_age is None:
        return None
    upstream = conf.SESSIONS_HUB_UPSTREAM_AAL2
    proven = [one.completed_at for one in standing if counts_towards(one, wanted, upstream)]
    if not proven or now - max(proven) >= requirement.max_age:
        return Shortfall(Lack.FRESHNESS, wanted, requirement.max_age)
    return None
