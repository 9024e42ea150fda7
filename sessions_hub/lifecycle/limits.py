"""The limits of one session: the settings, and the level its user could reach."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sessions_hub.conf import conf
from sessions_hub.logs import log_once_a_minute

from .available import available_level
from .policy import BELOW_AVAILABLE, PROGRAMS, Limits, limits_for

logger = logging.getLogger(__name__)


def limits_of(kind: str, level: int, user: Callable[[], Any]) -> Limits:
    """The limits of a session of type `kind` at `level`.

    `user` gives its user, and is called only where SESSIONS_HUB_LIFETIMES has
    "below_available".
    """
    lifetimes = conf.SESSIONS_HUB_LIFETIMES
    is_below = BELOW_AVAILABLE in lifetimes and kind not in PROGRAMS and _is_below(level, user)
    return limits_for(conf.SESSIONS_HUB_LIMITS, level, kind, lifetimes, is_below=is_below)


def _is_below(level: int, user: Callable[[], Any]) -> bool:
    try:
        return bool(level < available_level(user()))
    except Exception:  # noqa: BLE001
        # Closed: where nobody can tell, the shorter limit holds.
        log_once_a_minute(
            logger,
            logging.WARNING,
            "available",
            "The level a user could reach is not known; the shorter limit holds.",
            exc_info=True,
        )
        return True
