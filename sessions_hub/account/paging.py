"""Pages by id: newest first, and no page costs more than another."""

from __future__ import annotations

from typing import NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest

PARAMETER = "before"
SIZE = 20

Row = TypeVar("Row", bound=Model)


class Page(NamedTuple):
    """Where a page is: `before` is None on the first, `older` what the next begins before."""

    before: UUID | None
    older: UUID | None


def page_of(rows: QuerySet[Row], request: HttpRequest) -> tuple[list[Row], Page]:
    """The rows of the page the request asks for, newest first, and where it is."""
    before = _asked(request)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: SIZE + 1])
    older = found[SIZE - 1].pk if len(found) > SIZE else None
    return found[:SIZE], Page(before, older)


def _asked(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get(PARAMETER, ""))
    except ValueError:
        return None
