"""Device: a browser profile or app installation. SessionDevice: where a session was used."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .client import ClientColumns, PlaceColumns
from .ids import new_id


class Device(ClientColumns):
    """What a user would call "my laptop". Outlives its sessions.

    The client columns are the latest seen. `key_digest` is the digest of the
    device's key and its user, so one browser does not link two accounts.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # See Session.user.
        on_delete=models.DO_NOTHING,
        related_name="hub_devices",
        verbose_name=_("user"),
    )
    key_digest = models.CharField(max_length=64, null=True, editable=False)
    name = models.CharField(_("name"), max_length=100, blank=True)
    trusted_at = models.DateTimeField(_("trusted"), null=True, blank=True)
    first_seen_at = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    forgotten_at = models.DateTimeField(_("forgotten"), null=True, blank=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        # Not `unique=True`, which adds a second index for LIKE on PostgreSQL.
        constraints = (
            models.UniqueConstraint(fields=("key_digest",), name="sessions_hub_device_key"),
        )

    def __str__(self) -> str:
        return self.name or self.client_label or str(_("unknown device"))


class SessionDevice(ClientColumns, PlaceColumns):
    """One session seen on one device, address and user agent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(
        "sessions_hub.Session",
        on_delete=models.CASCADE,
        related_name="session_devices",
        # The unique constraint's index serves it.
        db_index=False,
        verbose_name=_("session"),
    )
    device = models.ForeignKey(
        Device,
        on_delete=models.SET_NULL,
        related_name="session_devices",
        null=True,
        blank=True,
        verbose_name=_("device"),
    )
    fingerprint = models.CharField(max_length=32, editable=False)
    first_seen_at = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)

    class Meta:
        verbose_name = _("place of use")
        verbose_name_plural = _("places of use")
        constraints = (
            models.UniqueConstraint(
                fields=("session", "fingerprint"), name="sessions_hub_sessiondevice_once"
            ),
        )

    def __str__(self) -> str:
        return " · ".join(part for part in (self.client_label, self.ip or "") if part)
