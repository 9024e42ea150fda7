"""What the log is told of the API's refusals."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.request import Request

from sessions_hub.lifecycle.refused import tell_denied, tell_proof_required
from sessions_hub.lifecycle.requirement import Shortfall


def tell(error: APIException, context: dict[str, Any]) -> None:
    """Log a refusal: what is to be proven first, or what somebody may not do at all."""
    request: HttpRequest | Request | None = context.get("request")
    # What was refused further down has been told there.
    if request is None or getattr(error, "is_told", False):
        return
    plain = request._request if isinstance(request, Request) else request
    shortfall = getattr(error, "shortfall", None)
    if isinstance(shortfall, Shortfall):
        tell_proof_required(plain, shortfall)
    elif isinstance(error, PermissionDenied):
        action = getattr(context.get("view"), "action", None)
        tell_denied(plain, action or "", str(error.get_codes()))
