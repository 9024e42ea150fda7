"""Lists that look through so many rows and no more, and say how far they got.

No index serves every mixture of filters, and a rare value would make the database read
the whole table in vain. So a filter without an index is tried on the newest rows that the
others leave (50,000, fewer where each costs more), and a link goes on with those before.
Nothing stays hidden, and every page has its price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from sessions_hub.models.ids import time_of

from .filters import LOOKED_THROUGH, OlderFilter
from .show import moment_before_stop, number_words

if TYPE_CHECKING:
    _ChangeList = ChangeList
else:
    _ChangeList = object


class WindowedListMixin(_ChangeList):
    """A change list whose filters without an index see a window of its newest rows."""

    # The oldest row looked at, where there are older ones.
    hub_floor: UUID | None = None
    hub_looked_through = LOOKED_THROUGH

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """The rows asked for, within the window."""
        rows = super().get_queryset(request, exclude_parameters)
        bounds = {spec: bound for spec in self.filter_specs if (bound := _bound(spec))}
        admin: Any = self.model_admin
        is_wide = bool(self.query) and admin.is_wide_search(self.query)
        if not bounds and not is_wide:
            return rows
        rest = self.root_queryset
        for spec in self.filter_specs:
            if spec not in bounds and (narrowed := spec.queryset(request, rest)) is not None:
                rest = narrowed
        if not is_wide:
            rest, _duplicates = admin.get_search_results(request, rest, self.query)
        elif (newest := admin.newest_of_search(rest, self.query)) is not None:
            # Nothing above it has to be looked at.
            rest, rows = rest.filter(pk__lte=newest), rows.filter(pk__lte=newest)
        self.hub_looked_through = min([LOOKED_THROUGH, *bounds.values()])
        last = self.hub_looked_through - 1
        # The last one looked at, and whether there is one behind it.
        edge = list(rest.order_by("-pk").values_list("pk", flat=True)[last : last + 2])
        if len(edge) < 2:
            return rows
        self.hub_floor = edge[0]
        return rows.filter(pk__gte=self.hub_floor)

    @property
    def hub_window_words(self) -> str:
        """The number of rows looked at."""
        return number_words(self.hub_looked_through)

    @property
    def hub_looked_back_to(self) -> str:
        """The time the window goes back to; empty where all rows were looked at."""
        return "" if self.hub_floor is None else moment_before_stop(time_of(self.hub_floor))

    @property
    def hub_older_url(self) -> str:
        """Where the list goes on; empty where it does not, or not yet."""
        if getattr(self.paginator, "is_capped", False):
            # What can be paged through ends before the window does.
            if self.page_num < self.paginator.num_pages:
                return ""
            last = next(reversed(list(self.result_list)), None)
            return "" if last is None else self._older(last.pk)
        return "" if self.hub_floor is None else self._older(self.hub_floor)

    def _older(self, pk: UUID) -> str:
        name = OlderFilter.parameter_name
        # The page of this list means nothing on the next.
        return self.get_query_string({name: pk}, remove=["p", name])


def _bound(spec: Any) -> int | None:
    """Through how many rows a filter may look; None for one that is idle, or has an index."""
    if not spec.used_parameters:
        return None
    return getattr(spec, "looks_through", LOOKED_THROUGH)
