"""Plain Django views for programs: a decorator that opens them, and its middleware."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from .capture.bearer import presented_token
from .credentials.secrets import has_prefix
from .lifecycle.bearer import find_bearer, note_use
from .lifecycle.current import attach
from .lifecycle.refused import RefusedToken, tell_denied
from .lifecycle.request_user import set_user
from .lifecycle.state import state_of
from .middleware import no_verdict
from .refusals import PROBLEM

__all__ = ["SessionTokenMiddleware", "require_scope"]

_SCOPES = "sessions_hub_scopes"

View = TypeVar("View", bound=Callable[..., Any])
GetResponse = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


def require_scope(*scopes: str) -> Callable[[View], View]:
    """Let tokens with these scopes use a view, sync or async.

        @require_scope("orders:read")
        def orders(request): ...

        path("orders/", require_scope("orders:read")(OrderList.as_view()))

    With SessionTokenMiddleware the request of such a program is its user's, and needs no
    CSRF token. Everybody else is served as without it, so a view that asks for a sign-in
    goes on doing that. Put it outermost. Raises TypeError without a scope.
    """
    if not scopes:
        raise TypeError("require_scope() needs the name of at least one scope.")

    def mark(view: View) -> View:
        setattr(view, _SCOPES, frozenset(scopes))
        return view

    return mark


class SessionTokenMiddleware:
    """Signs programs in to views marked with `require_scope()`, for their one request.

    They present the secret of an API session in `Authorization: Bearer`. One that is not
    valid is answered 401, one without the scope 403 (RFC 6750 §3.1), whatever cookie comes
    along. Views without the mark are left alone: they know no tokens. Its place is before
    CsrfViewMiddleware, and before LoginRequiredMiddleware.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)
            # Django would run the sync one in a thread, on every request.
            self.process_view = self.aprocess_view  # type: ignore[assignment, method-assign]

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        response = self.get_response(request)
        if isinstance(response, HttpResponseBase):
            return _varied(request, response)
        return self.__acall__(request, response)

    async def __acall__(
        self, request: HttpRequest, coming: Awaitable[HttpResponseBase]
    ) -> HttpResponseBase:
        return _varied(request, await coming)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Sign the program in, or answer it."""
        token = _token_for(request, view)
        return None if token is None else admit(request, token, getattr(view, _SCOPES))

    async def aprocess_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """`process_view()`, with a thread where there is something to look up."""
        token = _token_for(request, view)
        if token is None:
            return None
        return await sync_to_async(admit)(request, token, getattr(view, _SCOPES))


def _varied(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The answer; that of a view for programs is kept by no cache for anybody else.

    By both headers, whichever was sent: Django's cache of pages goes by what varied last.
    """
    if state_of(request).takes_tokens:
        patch_vary_headers(response, ("Authorization", "Cookie"))
    return response


def _token_for(request: HttpRequest, view: Any) -> str | None:
    if not hasattr(view, _SCOPES):
        return None
    state_of(request).takes_tokens = True
    token = presented_token(request)
    # A site may know other bearer tokens as well.
    return token if token is not None and has_prefix(token) else None


def admit(request: HttpRequest, token: str, scopes: frozenset[str]) -> HttpResponse | None:
    """Sign a request in by its token; the answer to give instead where that is not to be."""
    now = timezone.now()
    refused = RefusedToken()
    try:
        bearer = find_bearer(token, now, refused)
    except Exception:  # noqa: BLE001
        return no_verdict()
    if bearer is None:
        refused.tell(request)
        challenge = 'Bearer realm="site", error="invalid_token"'
        detail = _("This token is not valid.")
        return _problem(HTTPStatus.UNAUTHORIZED, "invalid_token", detail, challenge)
    if not scopes <= bearer.scopes:
        challenge = f'Bearer error="insufficient_scope", scope="{" ".join(sorted(scopes))}"'
        detail = _("This token may not do this.")
        tell_denied(request, "", "insufficient_scope")
        return _problem(HTTPStatus.FORBIDDEN, "insufficient_scope", detail, challenge)
    state_of(request).bearer = bearer
    set_user(request, bearer.user)
    attach(request)
    # Nobody's browser sends this header by itself.
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    note_use(bearer, request, now)
    return None


def _problem(status: HTTPStatus, code: str, detail: str, challenge: str) -> JsonResponse:
    response = JsonResponse(
        {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "detail": detail,
            "code": code,
        },
        status=status,
        content_type=PROBLEM,
        headers={"WWW-Authenticate": challenge, "Cache-Control": "no-store"},
    )
    patch_vary_headers(response, ("Authorization", "Cookie"))
    return response
