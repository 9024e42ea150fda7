"""The numbers of the overview, kept for five minutes."""

from __future__ import annotations

import logging
from datetime import datetime
from hashlib import sha256

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from sessions_hub.logs import log_once_a_minute
from sessions_hub.models import Session
from sessions_hub.reporting import Overview, Span, overview

KEPT_FOR = 300
# Goes up with every change of what is kept.
_VERSION = 3

logger = logging.getLogger(__name__)


def numbers_of(rows: QuerySet[Session], span: Span, tenant: str, now: datetime) -> Overview:
    """The overview of what `rows` let somebody see.

    Kept only where that is every session, so that nobody is told what they may not see.
    """
    if not is_everything(rows):
        return overview(rows, span, now, is_all=False, tenant=tenant)
    key = _key(rows.db, span, tenant)
    found = _kept(key)
    if found is None:
        found = overview(rows, span, now, is_all=True, tenant=tenant)
        try:
            cache.set(key, found, KEPT_FOR)
        except Exception:  # noqa: BLE001
            _log()
    return found


def is_everything(rows: QuerySet[Session]) -> bool:
    """Whether the rows are all there are: asked of the SQL, whoever has overridden what."""
    if rows.query.is_sliced:
        return False
    everything = Session._base_manager.using(rows.db).order_by()
    try:
        asked = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return False
    return asked == everything.values("pk").query.sql_with_params()


def _key(alias: str, span: Span, tenant: str) -> str:
    """Of letters and digits alone, whatever the tenant is called.

    The starts of the days tell the time zone too.
    """
    parts = (alias, tenant, *(start.timestamp() for start in span.starts))
    return f"sessions_hub:overview:{_VERSION}:{sha256(repr(parts).encode()).hexdigest()}"


def _kept(key: str) -> Overview | None:
    try:
        found = cache.get(key)
    except Exception:  # noqa: BLE001
        _log()
        return None
    return found if isinstance(found, Overview) else None


def _log() -> None:
    log_once_a_minute(
        logger, logging.WARNING, "overview", "The overview could not be kept.", exc_info=True
    )
