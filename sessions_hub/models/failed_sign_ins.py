"""FailedSignIns: how many sign-ins failed, and nothing else about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from .ids import new_id

# Days begin at one of these in every time zone in use, Nepal's (+05:45) included.
QUARTER = timedelta(minutes=15)
# Below this is a slot: parallel failures mostly update different rows.
SLOTS = 8


class FailedSignIns(models.Model):
    """The sign-ins that failed within a quarter of an hour: a number without names.

    The number is the sum over its slots. A failed sign-in has no user, and what was
    typed may be anybody's name or a password: neither is here, nor an address.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    starts_at = models.DateTimeField(_("from"))
    slot = models.PositiveSmallIntegerField(_("slot"))
    count = models.PositiveIntegerField(_("failed sign-ins"), default=0)

    class Meta:
        verbose_name = _("failed sign-ins")
        verbose_name_plural = _("failed sign-ins")
        # Nobody edits them.
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("starts_at", "slot"), name="sessions_hub_failedsignins_slot"
            ),
        )

    def __str__(self) -> str:
        return f"{self.count} from {self.starts_at.isoformat()}"


def quarter_of(moment: datetime) -> datetime:
    """When the quarter of an hour around `moment` (aware) begins, in UTC."""
    at = moment.astimezone(UTC)
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
