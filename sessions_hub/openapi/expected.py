"""The problems of an operation that follow from its view: nobody lists them by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sessions_hub.api.base import HubView
from sessions_hub.api.permissions import SignInIsComplete
from sessions_hub.api.staff.base import IsStaff, StaffViewSet

from .operation import Operation

HELD = "HubProveAgain"
HELD_RESPONSE = {
    "description": (
        "Only to a browser that asks for a page while its session has to be proven again: to the "
        "page where it can be."
    ),
    "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
}


def problems_of(view: Any, method: str, operation: Operation) -> Mapping[int, set[str]]:
    """Codes by status: those declared, and those of the policies all views share."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for status, codes in operation.problems.items():
        found[status] |= set(codes)
    found[406].add("not_acceptable")
    found[503].add("unavailable")
    if operation.is_held:
        found[401].add("reauthentication_required")
    if isinstance(view, HubView):
        _of_who_asks(view, method, operation, found)
    if operation.body is not None:
        found[400] |= {"invalid", "parse_error"}
        found[413].add("too_large")
        found[415].add("unsupported_media_type")
    return found


def _of_who_asks(
    view: Any, method: str, operation: Operation, found: defaultdict[int, set[str]]
) -> None:
    found[401].add("invalid_token")
    if not operation.anybody:
        found[401].add("not_authenticated")
    # A user of another model than the site's, or a token where none is taken.
    found[403].add("permission_denied")
    if _is_for_complete_sign_ins(view):
        found[403].add("sign_in_incomplete")
    if view.schema.scopes:
        found[403].add("insufficient_scope")
    if method != "GET":
        found[403].add("csrf_failed")
    if isinstance(view, StaffViewSet):
        found[403].add("impersonation")


def _is_for_complete_sign_ins(view: HubView) -> bool:
    asks = not {SignInIsComplete, IsStaff}.isdisjoint(view.permission_classes)
    return asks and getattr(view, "action", None) not in getattr(view, "for_incomplete", ())
