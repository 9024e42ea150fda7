"""Pages that look through so many rows and no more, and say where to go on.

No index serves every filter, and a rare value would make the database read the whole table
in vain. So such a filter is tried on the next rows by id that the other ones leave, and
`next` goes on behind the last that was looked at: a page may hold fewer rows than asked for,
or none, and there are more until `next` is null.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db import connections
from django.db.models import F, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce
from rest_framework.pagination import Cursor
from rest_framework.request import Request
from rest_framework.views import APIView

from sessions_hub.api.pagination import SessionPagination

# So many rows are sorted as they are found.
SORTED = 2_000


class Window(NamedTuple):
    """What a page may look through: so many of the rows that an index has by id.

    `wanted` are those of them that meet the other filters, too. `several` are rows that
    another index has in an order of its own: where they are few, all of them are sorted, and
    the window is not needed.
    """

    rows: QuerySet[Any]
    wanted: QuerySet[Any]
    size: int
    several: QuerySet[Any] | None = None


class WindowPagination(SessionPagination):
    """Newest first, within a window where one is set before the page is asked for.

    A page is what lies from one id up to, and without, another: `next` goes down from the
    lower one, `previous` up from the upper one. So neither skips or repeats a row, not even
    from a page without rows.
    """

    window: Window | None = None
    _lower: UUID | None = None
    _upper: UUID | None = None

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        """The rows of the page that is asked for."""
        self.base_url = request.build_absolute_uri()
        size = self.get_page_size(request) or self.max_page_size
        cursor = self.decode_cursor(request)
        goes_up = cursor is not None and cursor.reverse
        start = None if cursor is None or cursor.position is None else UUID(str(cursor.position))
        edge = None
        if self.window is None:
            rows = _between(queryset, start, None, goes_up).order_by(_by_id(goes_up))
        else:
            edge, order = _edge(self.window, start, goes_up)
            wanted = _between(self.window.wanted, start, edge, goes_up).order_by(order)
            rows = _shown(queryset, wanted, size + 1).order_by(_by_id(goes_up))
        found = list(rows[: size + 1])
        # Going down a page holds its lower end, going up it does not hold its upper one.
        end = found[size if goes_up else size - 1].pk if len(found) > size else edge
        self._lower, self._upper = (start, end) if goes_up else (end, start)
        page = found[:size]
        return page[::-1] if goes_up else page

    def get_next_link(self) -> str | None:
        """What lies below; None where nothing does."""
        return self._link(self._lower, goes_up=False)

    def get_previous_link(self) -> str | None:
        """What lies above; None where nothing does, and before the first page."""
        return self._link(self._upper, goes_up=True)

    def _link(self, position: UUID | None, *, goes_up: bool) -> str | None:
        if position is None:
            return None
        # Told by the stubs to be a number.
        return self.encode_cursor(Cursor(0, goes_up, cast("Any", str(position))))


def _edge(window: Window, start: UUID | None, goes_up: bool) -> tuple[UUID | None, OrderBy]:
    """Where the window ends, None where the rows do before; and how what is in it is ordered.

    In one statement, which walks an index and reads no more of the rows than their ids.
    """
    rows = _between(window.rows, start, None, goes_up)
    wanted = ["pk"]
    if window.several is not None:
        # Of all of them: those ahead would have to be looked for.
        one_more = window.several.order_by().values("pk")[SORTED : SORTED + 1]
        rows, wanted = rows.annotate(one_more=Subquery(one_more)), ["pk", "one_more"]
    last = window.size - 1
    # The last one that is looked at, and the first that is not.
    beside = list(rows.order_by(_by_id(goes_up)).values_list(*wanted)[last : last + 2])
    if len(beside) < 2:
        return None, _by_id(goes_up)
    if beside[0][1:] == (None,):
        return None, _found_first(goes_up)
    return beside[1 if goes_up else 0][0], _by_id(goes_up)


def _shown(rows: QuerySet[Any], wanted: QuerySet[Any], count: int) -> QuerySet[Any]:
    """The first of the wanted rows, with what is shown of them."""
    if connections[rows.db].features.allow_sliced_subqueries_with_in:
        # Joined once they are chosen. Where it expects few of them, PostgreSQL would rather
        # read all users at once than look up each row's, and there may be many.
        return rows.filter(pk__in=wanted.values("pk")[:count])
    return rows & wanted


def _between(
    rows: QuerySet[Any], start: UUID | None, end: UUID | None, goes_up: bool
) -> QuerySet[Any]:
    lower, upper = (start, end) if goes_up else (end, start)
    if lower is not None:
        rows = rows.filter(pk__gte=lower)
    return rows if upper is None else rows.filter(pk__lt=upper)


def _by_id(goes_up: bool) -> OrderBy:
    return OrderBy(F("pk"), descending=not goes_up)


def _found_first(goes_up: bool) -> OrderBy:
    # No index has this: by the key itself, a database would walk to where few rows are.
    return OrderBy(Coalesce("pk", "pk"), descending=not goes_up)
