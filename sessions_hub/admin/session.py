"""The admin of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from sessions_hub.models import Session
from sessions_hub.reporting import shared_address

from . import rows as beside
from .client_filters import CountryFilter, DeviceKindFilter, OsFamilyFilter, TenantFilter
from .end_pages import EndPagesMixin
from .filters import (
    ImpersonatedFilter,
    LevelFilter,
    OlderFilter,
    PeriodFilter,
    StatusFilter,
    TypeFilter,
    UserFilter,
)
from .inlines import AuthenticationMethodInline, SessionDeviceInline
from .matching_page import EndMatchingMixin
from .overview_page import OverviewMixin
from .read_only import ReadOnlyAdminMixin
from .search import (
    by_address,
    by_id,
    by_user,
    is_wide_network,
    newest_in_network,
    sorted_by_id,
)
from .session_columns import SessionColumns
from .session_page import FIELDSETS, SessionDetails
from .story_page import StoryPageMixin


class SessionAdminMixin(
    StoryPageMixin,
    EndMatchingMixin,
    EndPagesMixin,
    OverviewMixin,
    SessionColumns,
    SessionDetails,
    ReadOnlyAdminMixin,
):
    """Sessions to look through, understand and end."""

    list_display = (
        "label",
        "owner",
        "status",
        "proven_by",
        "town",
        "last_used",
        "started",
    )
    # Always newest sign-in first: no other order has an index.
    sortable_by = ()
    list_filter = (
        StatusFilter,
        PeriodFilter,
        TypeFilter,
        LevelFilter,
        DeviceKindFilter,
        OsFamilyFilter,
        CountryFilter,
        ImpersonatedFilter,
        TenantFilter,
        UserFilter,
        OlderFilter,
    )
    list_select_related = ("user",)
    search_fields = ("id",)
    search_help_text = _(
        "Username, e-mail address, address or network (192.0.2.0/24) or session id; whole values."
    )
    inlines = (SessionDeviceInline, AuthenticationMethodInline)
    fieldsets = FIELDSETS

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Every field on the page."""
        return flatten_fieldsets(self.fieldsets)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with a warning where the site seems to record its proxy's address."""
        # The function itself: only a page that is shown asks the database.
        context = {"hub_shared_address": shared_address, **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Session], search_term: str
    ) -> tuple[QuerySet[Session], bool]:
        """The sessions a whole value names; none for a term that is none."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = queryset.filter(by_id(term) | by_address(term) | by_user(term))
        return sorted_by_id(found, term), False

    def is_wide_search(self, term: str) -> bool:
        """Whether the term is a network with thousands of sessions."""
        return is_wide_network(term)

    def newest_of_search(self, rows: QuerySet[Session], term: str) -> Any:
        """The key of the newest session in the network, where that can be told."""
        return newest_in_network(rows, term)

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Fetch what the rows show of other tables."""
        super().prepare_rows(request, rows)
        beside.attach(self.admin_site, request, rows)


class SessionAdmin(SessionAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """Session on Django's own admin base."""
