"""What staff are refused, as problems."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, PermissionDenied

from sessions_hub.lifecycle import Extension, ImpersonationDenied
from sessions_hub.lifecycle.staff import CreationDenied


class NoSuchRow(NotFound):
    """The one answer to an id that is unknown or malformed."""

    default_detail = _("There is nothing with this id.")


class CreationRefused(PermissionDenied):
    """No session is started for this user; `code` is "staff" or "inactive"."""

    def __init__(self, denial: CreationDenied) -> None:
        super().__init__(str(denial), code=denial.code)


class ImpersonationRefused(PermissionDenied):
    """Nobody acts as this user; `code` is one of the lifecycle's `DENIALS`."""

    is_told = True

    def __init__(self, denial: ImpersonationDenied) -> None:
        super().__init__(str(denial), code=denial.code)


class NotExtended(APIException):
    """The session lasts no longer than before; `code` says why, and the limits stay."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This session cannot be extended.")

    def __init__(self, extension: Extension, limits: dict[str, Any]) -> None:
        refusal = extension.refusal
        super().__init__(code="not_extended" if refusal is None else refusal.value)
        self.members = limits
