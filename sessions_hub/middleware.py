"""Enforcement on every request, and hints asked for on sign-in pages.

Thin drivers, sync and async, over the lifecycle and capture.
"""

from __future__ import annotations

import logging
from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import SimpleLazyObject, empty
from django.utils.translation import gettext

from .capture import accept_ch
from .impersonation import changes_credentials, refuse, turn_away
from .lifecycle import ImpersonationDenied, TooManySessions, Unavailable
from .lifecycle.bind import (
    deliver_device_key,
    end_lost,
    end_reused,
    pending_work,
    take_back_session,
)
from .lifecycle.current import attach
from .lifecycle.demand import demand_proof
from .lifecycle.enforce import enforce, has_work, presents_session
from .lifecycle.failed_sign_ins import settle
from .lifecycle.state import RequestState, serve, state_of
from .lifecycle.swapped import settle_swapped
from .lifecycle.verdicts import is_held
from .logs import log_once_a_minute
from .sign_in_pages import shows_sign_in

__all__ = ["ClientHintsMiddleware", "SessionsHubMiddleware"]

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


def _nobody(request: HttpRequest) -> None:
    """What is found where nobody has signed in.

    A page that asks depends on the cookie, also where there is none: a cache must not
    serve it to whoever has one.
    """
    if (session := getattr(request, "session", None)) is not None:
        session.accessed = True


async def _anobody(request: HttpRequest) -> None:
    """See _nobody()."""
    _nobody(request)


class _Nobody(SimpleLazyObject):  # type: ignore[type-arg]
    """Django's lazy object, made at a third of its cost: most requests never look at it."""

    # Django sets it on each object, through a slow __setattr__().
    _wrapped = empty

    def __init__(self, request: HttpRequest) -> None:
        self.__dict__["_setupfunc"] = partial(_nobody, request)


GetResponse = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class SessionsHubMiddleware:
    """Refuses ended sessions and records where the others are used.

    Stands right after AuthenticationMiddleware. Sets `request.hub_session`, the
    Session of a signed-in visitor (lazy; false for others), and
    `await request.ahub_session()`. Answers 503 where the database does not tell
    whether a session is valid: never 401, never as if nobody were signed in.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)
            # Django would run the sync one in a thread, on every request.
            self.process_view = self.aprocess_view  # type: ignore[assignment, method-assign]

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self.__acall__(request)
        try:
            state = prepare(request)
            is_due = state.presented is not None and has_work(request)
        except Exception:  # noqa: BLE001
            return no_verdict()
        if is_due and (refusal := judge(request)) is not None:
            return refusal
        before = serve(state)
        state.handed = request.__dict__.get("session")
        try:
            response: HttpResponseBase = self.get_response(request)  # type: ignore[assignment]
        finally:
            serve(before)
            state.user = None
        if state.is_idle:
            return response
        return finish(request, response, state)

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            state = prepare(request)
            is_due = state.presented is not None and has_work(request)
        except Exception:  # noqa: BLE001
            return no_verdict()
        if is_due:
            refusal = await sync_to_async(judge)(request)
            if refusal is not None:
                return refusal
        before = serve(state)
        state.handed = request.__dict__.get("session")
        try:
            try:
                response: HttpResponseBase = await self.get_response(request)  # type: ignore[misc]
            finally:
                serve(before)
                state.user = None
            if state.is_idle:
                return response
            return await sync_to_async(finish)(request, response, state)
        except CancelledError:
            # The client has hung up. A view in a thread goes on; this waits for it.
            await sync_to_async(give_up)(request, state)
            raise

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Keep whoever acts as another user from Django's own pages that change a password."""
        try:
            is_closed = may_be_closed(request, view)
        except Exception:  # noqa: BLE001
            return no_verdict()
        return turn_away(request) if is_closed else None

    async def aprocess_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """`process_view()` without a thread, but for the page it may have to write."""
        try:
            is_closed = may_be_closed(request, view)
        except Exception:  # noqa: BLE001
            return no_verdict()
        return await sync_to_async(turn_away)(request) if is_closed else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a sign-in that is one too many, and what could not be stored."""
        if isinstance(exception, TooManySessions):
            return too_many(request)
        if isinstance(exception, ImpersonationDenied) and exception.code == "forbidden":
            return refuse(request)
        return unavailable() if isinstance(exception, Unavailable) else None


class ClientHintsMiddleware:
    """Asks browsers for client hints on pages that show a form to sign in.

    The sign-in itself then tells Windows 11 from 10, and models and versions that
    user agents no longer hold. Such pages are `LOGIN_URL`, those whose form is
    Django's own (the admin's too), and `SESSIONS_HUB_CLIENT_HINTS_PATHS`. What
    other code asks for in `Accept-CH` stays. Its place in MIDDLEWARE is free.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self.__acall__(request)
        response: HttpResponseBase = self.get_response(request)  # type: ignore[assignment]
        return ask_for_hints(request, response)

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await self.get_response(request)  # type: ignore[misc]
        return ask_for_hints(request, response)


def ask_for_hints(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """`response`, with `Accept-CH` where it is a page to sign in on."""
    try:
        if shows_sign_in(request, response):
            asked = response.headers.get(accept_ch.HEADER, "")
            response.headers[accept_ch.HEADER] = accept_ch.with_hints(asked)
    # Hints are not worth an error.
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger, logging.ERROR, "hints", "Client hints were not asked for.", exc_info=True
        )
    return response


def prepare(request: HttpRequest) -> RequestState:
    """Attach what views read, and say that the middleware answers for this request."""
    state = state_of(request)
    state.served = True
    if state.session_id is None and not presents_session(request):
        # Most requests of a public site: nothing to look up, and a sign-in that comes
        # attaches its own.
        request.hub_session = _Nobody(request)  # type: ignore[attr-defined]
        request.ahub_session = partial(_anobody, request)  # type: ignore[attr-defined]
    else:
        state.presented = request.session
        attach(request)
    return state


def may_be_closed(request: HttpRequest, view: Any) -> bool:
    """Whether a view is one to keep from whoever acts as another user. Reads no session.

    What was not judged (SESSIONS_HUB_EXEMPT_PATHS) may be an impersonation as well.
    """
    state = state_of(request)
    if state.presented is None and state.session_id is None:
        # Nobody has come with a session or been given one.
        return False
    is_own = state.suspended is None and state.row is not None
    return not is_own and changes_credentials(view)


def judge(request: HttpRequest) -> HttpResponse | None:
    """Enforce; the answer to give instead of the view's when there is one.

    There is without a verdict, and while a session may do nothing but be proven.
    """
    try:
        enforce(request)
        row = state_of(request).row
        if row is not None and is_held(row):
            return demand_proof(request)
    except Exception:  # noqa: BLE001
        return no_verdict()
    return None


def no_verdict() -> HttpResponse:
    """Closed: whatever is being handled, nobody is let in unjudged and nobody signed out."""
    log_once_a_minute(
        logger,
        logging.ERROR,
        "verdict",
        "No verdict on a session; answered 503.",
        exc_info=True,
    )
    return unavailable()


def finish(
    request: HttpRequest, response: HttpResponseBase, state: RequestState
) -> HttpResponseBase:
    """Write what the request leaves behind. A fault here costs the visitor nothing."""
    if state.inner is not None:
        state = record(lambda: settle_swapped(request, response, state)) or state
    record(lambda: end_reused(state))
    if state.failed_sign_ins:
        record(lambda: settle(state))
    if state.refused:
        record(lambda: end_lost(state))
        # Inside another middleware the exception became a 500 on its way.
        if response.status_code != 500:
            return response
        return too_many(request) if state.too_many else unavailable()
    for work in record(lambda: pending_work(request, response, state)) or ():  # type: ignore[arg-type]
        try:
            record(work)
        except Unavailable:
            # What the client must not be told has happened.
            return finish(request, unavailable(), state)
    record(lambda: deliver_device_key(request, response, state))  # type: ignore[arg-type]
    return response


def give_up(request: HttpRequest, state: RequestState) -> None:
    """Write what a request leaves behind whose answer reaches nobody, as with a 503."""
    if not state.is_idle:
        finish(request, unavailable(), state)


def record(work: Callable[[], Result]) -> Result | None:
    """Do one piece of work and return its result; log when it fails, and return None.

    Raises Unavailable where a failure must not pass for a success.
    """
    try:
        return work()
    except Exception as error:
        log_once_a_minute(
            logger,
            logging.ERROR,
            "bind",
            "The use of a session was not recorded.",
            exc_info=True,
        )
        if isinstance(error, Unavailable):
            raise
    return None


def too_many(request: HttpRequest) -> HttpResponse:
    """409 that says what to do, kept by no cache."""
    take_back_session(request, state_of(request))
    return HttpResponse(
        gettext(
            "You are signed in as often as is allowed. Sign out elsewhere first, then try again."
        )
        + "\n",
        status=409,
        content_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


def unavailable() -> HttpResponse:
    """503 that says to come back, kept by no cache."""
    return HttpResponse(
        gettext("The service cannot check sign-ins right now. Please try again in a moment.")
        + "\n",
        status=503,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": "5", "Cache-Control": "no-store"},
    )
