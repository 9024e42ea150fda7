"""The check for load balancers and monitors: a status for everybody, more for staff."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sessions_hub.lifecycle.impersonation_rules import is_impersonation
from sessions_hub.lifecycle.state import state_of

from .probes import Status
from .run import check, overall

PERMISSION = "sessions_hub.view_session"

__all__ = ["health"]


# Django would open it before the view, without a bound, and answer 500 where it cannot.
@transaction.non_atomic_requests
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while requests are judged, 503 while they are not; with what was found for staff.

    What is merely degraded is 200: taking the node out of service would help nobody. Whoever
    is signed in, in their own name and with the permission to see all sessions, gets all
    results; everybody else the status alone.
    """
    results = check()
    status = overall(results)
    is_failing = status is Status.FAILING
    told: dict[str, Any] = {"status": Status.FAILING.value if is_failing else Status.OK.value}
    if _may_see(request):
        told = {"status": status.value, "checks": [asdict(one) for one in results]}
    response = JsonResponse(told, status=503 if is_failing else 200)
    response["Vary"] = "Cookie"
    return response


def _may_see(request: HttpRequest) -> bool:
    try:
        # Judged, that is: not on one of SESSIONS_HUB_EXEMPT_PATHS.
        if state_of(request).row is None:
            return False
        user: Any = request.user
        return (
            user.is_authenticated
            and getattr(user, "is_staff", False)
            and not is_impersonation(request)
            and user.has_perm(PERMISSION)
        )
    # The database that would tell may be what is down.
    except Exception:  # noqa: BLE001
        return False
