"""Moving sessions over from Django's own table, one by one, as their clients come back.

For `SESSIONS_HUB_ENGINE_TAKES_OVER`, while a site changes from Django's `db` or
`cached_db` engine to ours. Both encode data alike, so it is moved as it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import router, transaction

from sessions_hub.lifecycle import link


def move(model: Any, key: str, now: datetime) -> None:
    """Move a live session from django_session into the table of `model`, if it is there.

    Moved, not copied: a session that is flushed later must not come back from there.
    """
    old = _old()
    alias = router.db_for_write(old)
    stored = old._default_manager.using(alias).filter(pk=key, expire_date__gt=now).first()
    if stored is None:
        return
    row = model(
        session_key=key,
        session_data=stored.session_data,
        expire_date=stored.expire_date,
        hub_session_id=link.session_id_in(stored.get_decoded()),
    )
    to = router.db_for_write(model)
    with transaction.atomic(using=to):
        # A parallel request may have moved it, and changed it since.
        model._base_manager.using(to).bulk_create([row], ignore_conflicts=True)
        forget(key)


def forget(key: str) -> None:
    """Delete a session from django_session, if it is there."""
    old = _old()
    old._default_manager.using(router.db_for_write(old)).filter(pk=key).delete()


def _old() -> Any:
    # Only here: a site that takes nothing over need not have that app.
    from django.contrib.sessions.models import Session

    return Session
