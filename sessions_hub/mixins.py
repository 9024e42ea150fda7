"""The same for class-based views."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest

from .lifecycle import Requirement, shortfall
from .refusals import keep_private, refuse

__all__ = ["AssuranceRequiredMixin"]


class AssuranceRequiredMixin:
    """Lets only sessions of `assurance_level`, proven within `assurance_max_age`, see a view.

    Stands left of the view's class. See `sessions_hub.decorators.require_assurance`.
    """

    assurance_level: str = "aal1"
    assurance_max_age: timedelta | None = None

    def get_requirement(self) -> Requirement:
        """What this request is asked for."""
        return Requirement(self.assurance_level, self.assurance_max_age)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if getattr(self, "view_is_async", False):
            return self._adispatch(request, *args, **kwargs)
        lacking = shortfall(request, self.get_requirement())
        if lacking is not None:
            return refuse(request, lacking)
        return keep_private(super().dispatch(request, *args, **kwargs))  # type: ignore[misc]

    async def _adispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        lacking = await sync_to_async(shortfall)(request, self.get_requirement())
        if lacking is not None:
            return refuse(request, lacking)
        answer = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        # http_method_not_allowed() and the like hand out a coroutine too.
        return keep_private(await answer if hasattr(answer, "__await__") else answer)
