"""The admin of devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sessions_hub.models import Device

from . import show
from .client_filters import DeviceKindFilter, OsFamilyFilter
from .filters import DeviceStateFilter, OlderFilter, UserFilter
from .inlines import SessionDeviceInline
from .links import end_everything_url, user_link, user_linker
from .read_only import ReadOnlyAdminMixin
from .search import by_id, by_user


class DeviceUseInline(SessionDeviceInline):
    """Where the device was used."""

    fields = ["place", "first_seen", "last_seen"]


class DeviceAdminMixin(ReadOnlyAdminMixin):
    """What people sign in from."""

    list_display = ("label", "owner", "state", "kind", "last_seen", "first_seen")
    list_filter = (DeviceStateFilter, DeviceKindFilter, OsFamilyFilter, UserFilter, OlderFilter)
    list_select_related = ("user",)
    change_form_template = "sessions_hub/admin/device_change_form.html"
    search_fields = ("id",)
    search_help_text = _("Username, e-mail address or device id; whole values.")
    inlines = (DeviceUseInline,)
    fieldsets = (
        (None, {"fields": ("owner", "state")}),
        (
            _("Time"),
            {"fields": ("first_seen_exactly", "last_seen_exactly", "trusted", "forgotten")},
        ),
        (
            _("Client, as last seen"),
            {"fields": ("client", "kind", "device_brand", "device_model", "is_bot")},
        ),
        (
            _("As recorded"),
            {"fields": ("id", "raw_user_agent", "raw_hints"), "classes": ("collapse",)},
        ),
    )
    readonly_fields = (
        "label",
        "owner",
        "state",
        "first_seen_exactly",
        "last_seen_exactly",
        "trusted",
        "forgotten",
        "client",
        "kind",
        "raw_user_agent",
        "raw_hints",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Device], search_term: str
    ) -> tuple[QuerySet[Device], bool]:
        """The devices a whole value names."""
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(by_id(term) | by_user(term)), False

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Note where the rows may link to."""
        super().prepare_rows(request, rows)
        url_of = user_linker(self.admin_site, request)
        for row in rows:
            vars(row)["_user_url"] = url_of

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The base's page, with the button for those who may end sessions."""
        device: Device | None = kwargs.get("obj") or context.get("original")
        if device is not None:
            url = end_everything_url(self.admin_site, request, device=device.pk)
            context["hub_end_all_url"] = url
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("device"))
    def label(self, device: Device) -> SafeString:
        client = show.client(device)
        name = format_html("<bdi>{}</bdi>", device.name or client)
        return show.with_icon(device, show.two_lines(name, client if device.name else ""))

    @admin.display(description=_("user"))
    def owner(self, device: Device) -> SafeString | None:
        return user_link(device.user, vars(device)["_user_url"])

    @admin.display(description=_("state"))
    def state(self, device: Device) -> SafeString:
        if device.forgotten_at is not None:
            return show.badge(_("forgotten"), "expired")
        if device.trusted_at is not None:
            return show.badge(_("trusted"), "active")
        return show.badge(_("known"), "known")

    @admin.display(description=_("client"))
    def client(self, device: Device) -> str:
        return show.client(device)

    @admin.display(description=_("device type"))
    def kind(self, device: Device) -> str | None:
        return show.device_type_words(device) or None

    @admin.display(description=_("first seen"), ordering="id")
    def first_seen(self, device: Device) -> SafeString | None:
        return show.ago(device.first_seen_at)

    @admin.display(description=_("last seen"))
    def last_seen(self, device: Device) -> SafeString | None:
        return show.ago(device.last_seen_at)

    @admin.display(description=_("first seen"))
    def first_seen_exactly(self, device: Device) -> SafeString | None:
        return show.exactly(device.first_seen_at)

    @admin.display(description=_("last seen"))
    def last_seen_exactly(self, device: Device) -> SafeString | None:
        return show.exactly(device.last_seen_at)

    @admin.display(description=_("trusted"))
    def trusted(self, device: Device) -> SafeString | None:
        return show.exactly(device.trusted_at)

    @admin.display(description=_("forgotten"))
    def forgotten(self, device: Device) -> SafeString | None:
        return show.exactly(device.forgotten_at)

    @admin.display(description=_("user agent"))
    def raw_user_agent(self, device: Device) -> SafeString | None:
        return show.code(device.user_agent)

    @admin.display(description=_("client hints"))
    def raw_hints(self, device: Device) -> SafeString | None:
        return show.code(device.client_hints)


class DeviceAdmin(DeviceAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """Device on Django's own admin base."""
