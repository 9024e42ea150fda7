"""All that is stored of a user, to take away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from sessions_hub.lifecycle.own_actions import DOWNLOAD_DATA
from sessions_hub.lifecycle.personal_data import personal_data

from .page import AccountPage

_FILE = "sign-ins.json"


class DataView(AccountPage):
    """All that is stored here of the user, as one JSON file, made while it is sent."""

    section = "data"

    def get(self, request: HttpRequest) -> HttpResponse:
        self.refuse_impersonation()
        self.ask_for_proof(DOWNLOAD_DATA)
        return self.show("data", {})

    def post(self, request: HttpRequest) -> StreamingHttpResponse:
        self.refuse_impersonation()
        self.ask_for_proof(DOWNLOAD_DATA)
        pieces = personal_data(self.user, now=self.now)
        return StreamingHttpResponse(
            # An async server would read a sync iterator to its end before it sends a byte.
            _in_a_thread(pieces) if isinstance(request, ASGIRequest) else pieces,
            content_type="application/json",
            headers={
                "Content-Disposition": f'attachment; filename="{_FILE}"',
                "X-Content-Type-Options": "nosniff",
            },
        )


async def _in_a_thread(pieces: Iterator[str]) -> AsyncIterator[str]:
    while (piece := await sync_to_async(lambda: next(pieces, None))()) is not None:
        yield piece
