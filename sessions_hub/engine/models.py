"""DjangoSession: a row of Django's key/value store, tied to the sign-in it carries."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from sessions_hub.models import Session


class DjangoSession(AbstractBaseSession):
    """What Django keeps for one browser. Not a sign-in: that is `sessions_hub.Session`."""

    # What the marker in the data says, where a join can see it. Only that: no constraint
    # and no index. A row of the hub may be pruned before this one, and nobody looks for it.
    hub_session = models.ForeignKey(
        Session,
        on_delete=models.DO_NOTHING,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
        editable=False,
        verbose_name=_("sign-in session"),
    )

    class Meta:
        verbose_name = _("Django session")
        verbose_name_plural = _("Django sessions")

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from .store import SessionStore

        return SessionStore
