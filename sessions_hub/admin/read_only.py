"""What all admins of the hub have in common: rows are read, and cheaply so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.forms import Media
from django.http import HttpRequest, HttpResponse

from .paginator import CappedPaginator
from .show import make_visible
from .window import WindowedListMixin

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _ChangeList = ChangeList
else:
    # Plain mixins, to stand before whatever admin base a site uses.
    _ModelAdmin = _ChangeList = object

CSS = tuple(f"sessions_hub/admin{part}.css" for part in ("", "-list", "-story"))


class PreparedRowsMixin(_ChangeList):
    """A change list whose page of rows passes through `prepare_rows()` of its admin."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page and prepare its rows."""
        super().get_results(request)
        if not self.result_count:
            # The count has just looked through the table in vain; do not look again.
            self.result_list = self.queryset.none()
        self.model_admin.prepare_rows(request, list(self.result_list))  # type: ignore[attr-defined]


class ReadOnlyAdminMixin(_ModelAdmin):
    """No adding, changing or deleting, no lookup by secrets, no counting of whole tables."""

    change_form_template = "sessions_hub/admin/change_form.html"
    paginator = CappedPaginator
    show_full_result_count = False
    # One facet is one scan of the table.
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    # The id carries the time, so this is newest first, and the primary key serves it.
    ordering = ("-id",)
    actions_selection_counter = True
    view_on_site = False
    change_list_template = "sessions_hub/admin/change_list.html"

    @property
    def media(self) -> Media:
        """The base's files and the hub's own stylesheets."""
        return super().media + Media(css={"all": CSS})

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: rows are written by sign-ins."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: a save could bring an ended session back."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: rows are history; `prunesessions` removes old ones."""
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only the filters on the page.

        Django allows any lookup on a model's own columns, by which a digest could be
        guessed one letter at a time.
        """
        for entry in self.get_list_filter(request):
            if isinstance(entry, type):
                if lookup == getattr(entry, "parameter_name", None):
                    return True
                continue
            name = entry[0] if isinstance(entry, tuple | list) else entry
            if lookup == name or lookup.startswith(f"{name}__"):
                return super().lookup_allowed(lookup, value, request)
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; its template finds all it asks for, whatever `string_if_invalid` is."""
        context = {"hub_shared_address": None, "hub_overview_url": "", **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The base's change list, with prepared rows and a bound on what filters read."""
        base = super().get_changelist(request, **kwargs)
        return type("HubChangeList", (PreparedRowsMixin, WindowedListMixin, base), {})

    def is_wide_search(self, term: str) -> bool:
        """Whether a search may find too many rows to sort them."""
        return False

    def newest_of_search(self, rows: QuerySet[Any], term: str) -> Any:
        """The key of the newest of `rows` that a wide search finds; None where it is not known."""
        return None

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row, prepared."""
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            self.prepare_rows(request, [row])
        return row

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The fieldsets without the lines that would be empty."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        # Django asks several times for one page.
        told = vars(obj).setdefault("_told", {})
        for _title, options in fieldsets:
            for name in options["fields"]:
                if name not in told:
                    told[name] = self._tells(name, obj)
        shown = (
            (title, {**options, "fields": [name for name in options["fields"] if told[name]]})
            for title, options in fieldsets
        )
        return [(title, options) for title, options in shown if options["fields"]]

    def _tells(self, name: Any, obj: Any) -> bool:
        method = getattr(self, name, None)
        return bool(method(obj) if callable(method) else getattr(obj, name))

    def prepare_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Make rows ready for the page: what they need from elsewhere is fetched at once.

        The rows are shown, never saved.
        """
        for row in rows:
            make_visible(row)
