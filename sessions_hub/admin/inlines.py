"""Tables on a session's or device's page: the newest rows, to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sessions_hub.models import AuthenticationMethod, SessionDevice

from . import show

MOST = 50


class NewestRows(BaseInlineFormSet):  # type: ignore[type-arg]
    """At most `MOST` rows, whatever the table holds."""

    _newest: QuerySet[Any] | None = None

    def get_queryset(self) -> QuerySet[Any]:
        """The rows, fetched once."""
        if self._newest is None:
            self._newest = super().get_queryset()[:MOST]
            for row in self._newest:
                show.make_visible(row)
        return self._newest


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]
    """An inline nobody can add to, change or delete from."""

    formset = NewestRows
    extra = 0
    can_delete = False
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


class SessionDeviceInline(ReadOnlyInline):
    """Where a session, or a device, was used."""

    model = SessionDevice
    # The client and the address stand in the line Django puts above each row.
    fields = ["place", "device_name", "first_seen", "last_seen"]
    readonly_fields = ["place", "device_name", "first_seen", "last_seen"]
    verbose_name_plural = _("where it was used, the latest 50")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows with their device, so that it costs no query each."""
        return super().get_queryset(request).select_related("device")

    @admin.display(description=_("place"))
    def place(self, row: SessionDevice) -> SafeString:
        return show.place(row)

    @admin.display(description=_("device"))
    def device_name(self, row: SessionDevice) -> str:
        # Django writes None as a word.
        return show.visible(str(row.device)) if row.device else ""

    @admin.display(description=_("first seen"))
    def first_seen(self, row: SessionDevice) -> SafeString | None:
        return show.ago(row.first_seen_at)

    @admin.display(description=_("last seen"))
    def last_seen(self, row: SessionDevice) -> SafeString | None:
        return show.ago(row.last_seen_at)


class AuthenticationMethodInline(ReadOnlyInline):
    """How the user proved who they are in a session."""

    model = AuthenticationMethod
    fields = ("level", "provider_name", "organization", "completed", "revoked")
    readonly_fields = fields
    verbose_name_plural = _("proofs, the latest 50")

    @admin.display(description=_("level"))
    def level(self, row: AuthenticationMethod) -> SafeString:
        return show.badge(row.get_assurance_level_display(), "level")

    @admin.display(description=_("provider"))
    def provider_name(self, row: AuthenticationMethod) -> SafeString:
        return show.two_lines(row.provider, row.provider_uid)

    @admin.display(description=_("completed"))
    def completed(self, row: AuthenticationMethod) -> SafeString | None:
        return show.exactly(row.completed_at)

    @admin.display(description=_("removed"))
    def revoked(self, row: AuthenticationMethod) -> SafeString:
        return show.exactly(row.revoked_at) or SafeString()
