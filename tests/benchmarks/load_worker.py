"""Which process has answered, in a header: the load runs have to know that they have asked all."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from tests.benchmarks.load_sites import WORKER_HEADER


@sync_and_async_middleware
def worker_named(get_response: Callable[[HttpRequest], Any]) -> Callable[..., Any]:
    """A middleware that names the worker."""
    if iscoroutinefunction(get_response):

        async def arespond(request: HttpRequest) -> HttpResponse:
            return _named(await get_response(request))

        return arespond

    def respond(request: HttpRequest) -> HttpResponse:
        return _named(get_response(request))

    return respond


def _named(response: HttpResponse) -> HttpResponse:
    response.headers[WORKER_HEADER] = str(os.getpid())
    return response
