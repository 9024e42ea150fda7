"""Where one session was used, and by what it was proven: all of it, in pages."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_hub.lifecycle.guard import database
from sessions_hub.models import AuthenticationMethod, SessionDevice

from .formats import time_or_null
from .own import OwnSessionsViewSet, Row
from .parameters import PAGES, filtered
from .places import place_object
from .representation import PastMethodObject, method_object

_PARAMETERS = PAGES - {"ordering"}


class SessionHistory(OwnSessionsViewSet):
    """`GET sessions/{id}/devices/` and `GET sessions/{id}/authentication-methods/`."""

    @action(detail=True, methods=["get"])
    def devices(self, request: Request, pk: str) -> Response:
        """The places one of mine was used from, the sign-in first."""
        session = self.get_object()
        rows = SessionDevice.objects.using(database()).filter(session=session)
        page = self._page(rows.select_related("device"))
        return self.get_paginated_response([place_object(place) for place in page])

    @action(detail=True, methods=["get"], url_path="authentication-methods")
    def authentication_methods(self, request: Request, pk: str) -> Response:
        """The proofs of one of mine, the first one first.

        Those too whose authenticator was removed since: `revoked_at` says when.
        """
        session = self.get_object()
        rows = AuthenticationMethod.objects.using(database()).filter(session=session)
        page = self._page(rows)
        shown: list[PastMethodObject] = [
            {**method_object(proof), "revoked_at": time_or_null(proof.revoked_at)} for proof in page
        ]
        return self.get_paginated_response(shown)

    def _page(self, rows: QuerySet[Row]) -> list[Row]:
        return self.page_of(filtered(rows, self.request.query_params, {}, _PARAMETERS), "id")
