"""SessionToken: the secrets of an API session, as digests."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .ids import new_id


class SessionToken(models.Model):
    """One secret of an API session. Replaced ones stay, to notice their reuse.

    They stand apart from Session so that a partitioned session table keeps a
    unique digest.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(
        "sessions_hub.Session",
        on_delete=models.CASCADE,
        related_name="tokens",
        verbose_name=_("session"),
    )
    digest = models.CharField(max_length=64, editable=False)
    key_id = models.CharField(max_length=16, blank=True, editable=False)
    # The last characters, to tell one's tokens apart.
    hint = models.CharField(_("ends with"), max_length=8, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    class Meta:
        verbose_name = _("session token")
        verbose_name_plural = _("session tokens")
        # Not `unique=True`, which adds a second index for LIKE on PostgreSQL.
        constraints = (
            models.UniqueConstraint(fields=("digest",), name="sessions_hub_sessiontoken_digest"),
        )

    def __str__(self) -> str:
        return f"…{self.hint}"
