"""Which process has answered, in a header: the load run has to know that it has asked them all."""

from __future__ import annotations

import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tests.benchmarks.load_sites import WORKER_HEADER


def worker_named(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """A middleware that names the worker."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers[WORKER_HEADER] = str(os.getpid())
        return response

    return respond
