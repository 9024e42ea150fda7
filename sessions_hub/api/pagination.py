"""Pages by id: a page neither repeats nor skips a row when sessions begin meanwhile."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class SessionPagination(CursorPagination):
    """Newest first, 50 to a page and at most 200; rows are never counted.

    `{"next": …, "previous": …, "results": […]}`: follow the links.
    """

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Request) -> Any:
        try:
            cursor: Cursor | None = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                UUID(str(cursor.position))
        except (NotFound, ValueError):
            message = _("Take the cursor of a “next” or “previous” link.")
            raise ValidationError({"cursor": [message]}) from None
        return cursor
