"""The bearer token a request presents."""

from __future__ import annotations

from django.http import HttpRequest

_SCHEME = "bearer"


def presented_token(request: HttpRequest) -> str | None:
    """What stands behind `Authorization: Bearer`, as it is; None without that header.

    RFC 6750 §2.1, and none of its other carriers: what stands in a URL or a body ends in
    logs (ASVS 5.0 §14.2.1). May be empty, and anything at all.
    """
    scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token if scheme.lower() == _SCHEME else None
