"""AuthenticationMethod: one completed proof of a session."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .choices import AssuranceLevel, Method
from .ids import new_id


class AuthenticationMethod(models.Model):
    """One factor a user completed, when, and what an upstream provider said of it.

    The two provider tokens hold ciphertext only.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(
        "sessions_hub.Session",
        on_delete=models.CASCADE,
        related_name="authentication_methods",
        verbose_name=_("session"),
    )
    method = models.CharField(_("method"), max_length=20, choices=Method, default=Method.UNKNOWN)
    assurance_level = models.PositiveSmallIntegerField(
        _("assurance level"), choices=AssuranceLevel, default=AssuranceLevel.AAL0
    )
    completed_at = models.DateTimeField(_("completed"), default=timezone.now)
    # Which authenticator it was, as its package names it: "otp:otp_totp.totpdevice/7".
    factor = models.CharField(_("authenticator"), max_length=255, blank=True, default="")
    # The authenticator was removed, or lost: the proof counts no longer.
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    # WebAuthn's flags UV and BE (Level 3, §6.1); None where nobody told.
    user_verified = models.BooleanField(_("user verified"), null=True, blank=True)
    backup_eligible = models.BooleanField(_("can be synced"), null=True, blank=True)
    provider = models.CharField(_("provider"), max_length=64, blank=True)
    provider_uid = models.CharField(_("provider's user id"), max_length=255, blank=True)
    organization = models.CharField(_("organization"), max_length=255, blank=True)
    upstream_acr = models.CharField(max_length=255, blank=True)
    upstream_amr = models.JSONField(default=list, blank=True)
    issuer = models.CharField(_("issuer"), max_length=255, blank=True)
    upstream_session_id = models.CharField(max_length=255, blank=True)
    provider_access_token = models.TextField(blank=True, editable=False)
    provider_access_token_expires_at = models.DateTimeField(null=True, blank=True)
    provider_refresh_token = models.TextField(blank=True, editable=False)

    class Meta:
        verbose_name = _("authentication method")
        verbose_name_plural = _("authentication methods")

    def __str__(self) -> str:
        return self.get_method_display()
