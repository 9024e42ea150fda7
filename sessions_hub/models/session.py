"""Session: one signed-in period of one user. The row outlives the sign-in."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .choices import AssuranceLevel, EndReason, SessionType, Status
from .client import ClientColumns, PlaceColumns
from .device import Device, SessionDevice
from .ids import new_id
from .querysets import LIMIT_REASONS, SessionQuerySet
from .validity import End, end_by_limit, is_within_limits


class Session(ClientColumns, PlaceColumns):
    """One signed-in period of one user: who, how proven, from what and where,
    until when, and why it ended.

    The client and place columns are as at the sign-in; where the session was
    used since is in SessionDevice. Rows are written by `sessions_hub.lifecycle`
    and by nobody else: a full `save()` could bring an ended session back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The receiver of pre_delete in sessions_hub.credential_receivers deletes or anonymizes
    # the rows of a deleted user in batches. Left to the cascade, they would be
    # loaded at once, and the admin would refuse to delete a user whose sessions
    # nobody may delete.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="hub_sessions",
        null=True,
        db_index=False,
        verbose_name=_("user"),
    )
    session_type = models.CharField(
        _("type"), max_length=20, choices=SessionType, default=SessionType.REGULAR_LOGIN
    )
    # What the user or the site calls it: the name of an API key.
    name = models.CharField(_("name"), max_length=100, blank=True)
    tenant_id = models.CharField(_("tenant"), max_length=64, blank=True)
    workspace_id = models.CharField(_("workspace"), max_length=64, blank=True)
    audience = models.CharField(_("audience"), max_length=64, blank=True)
    scopes = models.JSONField(_("scopes"), default=list, blank=True)
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)

    assurance_level = models.PositiveSmallIntegerField(
        _("assurance level"), choices=AssuranceLevel, default=AssuranceLevel.AAL0
    )
    issued_at = models.DateTimeField(_("signed in"), default=timezone.now)
    authenticated_at = models.DateTimeField(_("last proven"), default=timezone.now)
    # The last full proof: the absolute limit counts from here, however many factors
    # were added since.
    fully_authenticated_at = models.DateTimeField(
        _("last fully proven"), default=timezone.now, editable=False
    )
    mfa_updated_at = models.DateTimeField(_("second factor proven"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    idle_timeout = models.DurationField(_("idle timeout"), null=True, blank=True)
    # Equal to expires_at where there is no idle limit: the predicate needs no null.
    idle_expires_at = models.DateTimeField(_("expires when idle"))

    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(_("end reason"), max_length=20, choices=EndReason, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("ended by"),
    )
    ended_by_label = models.CharField(max_length=150, blank=True, editable=False)
    impersonator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("impersonator"),
    )
    impersonator_label = models.CharField(max_length=150, blank=True, editable=False)
    impersonation_reason = models.CharField(
        _("reason for impersonation"), max_length=255, blank=True
    )
    # The impersonator's own session: what ends it ends this one. No foreign key:
    # either row may be pruned without the other.
    impersonator_session_id = models.UUIDField(null=True, editable=False)
    # Since when the session may do nothing but be proven again (SESSIONS_HUB_BINDING).
    proof_required_at = models.DateTimeField(_("proof required"), null=True, blank=True)

    # Counts the key rotations of a signed_cookies session, where an older cookie
    # can be replayed; the time is empty once the newest cookie has come back.
    generation = models.PositiveIntegerField(default=0, editable=False)
    generation_changed_at = models.DateTimeField(null=True, editable=False)
    credentials_digest = models.CharField(max_length=64, blank=True, editable=False)
    # Digest of the Django session key of an adopted or imported session.
    django_key_digest = models.CharField(max_length=64, null=True, editable=False)
    current_fingerprint = models.CharField(max_length=32, blank=True, editable=False)

    devices = models.ManyToManyField(
        Device, through=SessionDevice, related_name="sessions", verbose_name=_("devices")
    )

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in session")
        verbose_name_plural = _("sign-in sessions")
        permissions = (
            ("end_session", _("Can end sign-in sessions")),
            ("forward_client", _("Can forward the client of an end user")),
            ("impersonate_user", _("Can sign in as another user")),
        )
        indexes = (
            # A user's own list, newest first.
            models.Index(fields=("user", "id"), name="sessions_hub_session_user"),
            # Pruning by the time of the end; the sweep over those not ended.
            models.Index(fields=("ended_at", "id"), name="sessions_hub_session_ended"),
            # Staff looking for an address or a network.
            models.Index(fields=("ip_key", "id"), name="sessions_hub_session_ip"),
        )
        # No column that a touch writes is in an index (PostgreSQL: HOT updates),
        # and no constraint compares clocks: an end must not fail on a skewed node.
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="")
                | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="sessions_hub_session_end_has_reason",
            ),
            # Not `unique=True`, which adds a second index for LIKE on PostgreSQL.
            models.UniqueConstraint(
                fields=("django_key_digest",), name="sessions_hub_session_django_key"
            ),
        )

    def __str__(self) -> str:
        return self.name or self.client_label or self.get_session_type_display()

    def is_active(self, now: datetime | None = None) -> bool:
        """Whether the session is valid at `now`: `SessionQuerySet.active()` in Python."""
        if self.ended_at is not None or self.user is None:
            return False
        if not getattr(self.user, "is_active", True):
            return False
        return is_within_limits(self.expires_at, self.idle_expires_at, now or timezone.now())

    def how_ended(self, now: datetime | None = None) -> End | None:
        """When and why the session ended; None while it has not.

        A limit that has passed counts before anything has stamped the row.
        """
        if self.ended_at is not None:
            return End(self.ended_at, EndReason(self.end_reason))
        return end_by_limit(self.expires_at, self.idle_expires_at, now or timezone.now())

    def status(self, now: datetime | None = None) -> Status:
        """Active, expired (a limit ended it) or revoked (anything else did)."""
        now = now or timezone.now()
        if (end := self.how_ended(now)) is not None:
            return Status.EXPIRED if end.reason in LIMIT_REASONS else Status.REVOKED
        return Status.ACTIVE if self.is_active(now) else Status.REVOKED

    @property
    def is_impersonation(self) -> bool:
        """Whether somebody else acts as the user in this session."""
        return self.session_type == SessionType.IMPERSONATION

    @property
    def max_age(self) -> timedelta:
        """From sign-in to absolute expiry."""
        return self.expires_at - self.issued_at
