"""`require_assurance()`: views that ask for more than being signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest

from .lifecycle import Requirement, shortfall
from .refusals import keep_private, refuse

__all__ = ["require_assurance"]

View = TypeVar("View", bound=Callable[..., Any])


def require_assurance(
    level: str = "aal1", *, max_age: timedelta | None = None
) -> Callable[[View], View]:
    """Let only sessions of this assurance level see a view, sync or async.

    `level` is "aal1" to "aal3", or "available": the highest the user can prove.
    `max_age` is how long ago the last proof that counts towards it may be; see
    `Requirement`. Others are sent to prove more, or get a challenge (RFC 9470), and
    nothing else happens. The view's own answer is marked `private`: a cache of whole
    pages would serve it unjudged. Raises ValueError for a level there is not.

        @require_assurance("aal2", max_age=timedelta(minutes=15))
        def delete_account(request): ...
    """
    requirement = Requirement(level, max_age)

    def decorate(view: View) -> View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def aguarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                lacking = await sync_to_async(shortfall)(request, requirement)
                if lacking is not None:
                    return refuse(request, lacking)
                return keep_private(await view(request, *args, **kwargs))

            return aguarded  # type: ignore[return-value]

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            lacking = shortfall(request, requirement)
            if lacking is not None:
                return refuse(request, lacking)
            return keep_private(view(request, *args, **kwargs))

        return guarded  # type: ignore[return-value]

    return decorate
