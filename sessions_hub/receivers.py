"""Receivers of Django's signals: thin, and connected once each by `connect()`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth import signals as auth_signals
from django.contrib.auth.models import update_last_login
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.http import HttpRequest

from . import events
from .conf import conf
from .credential_receivers import (
    on_codes_saving,
    on_factor,
    on_factor_deleting,
    on_factor_saving,
    on_user_delete,
    on_user_saved,
    on_user_saving,
)
from .lifecycle import (
    SessionNotEnded,
    SessionNotRecorded,
    TooManySessions,
    Unavailable,
    end_session,
    factors,
    link,
    start_session,
    suspended,
)
from .lifecycle.current import attach
from .lifecycle.enforce import make_anonymous, note_foreign_user
from .lifecycle.failed_sign_ins import log_uncounted, note_failed
from .lifecycle.impersonated import sign_out_both
from .lifecycle.provider_answers import record_noted
from .lifecycle.sighting import snapshot_of
from .lifecycle.state import plain_request, state_of
from .logs import log_once_a_minute
from .models import EndReason

logger = logging.getLogger(__name__)

Receiver = Callable[..., None]


def connect() -> None:
    """Connect all receivers. They are sync: `asend()` runs them in a thread."""
    # Before Django's own update of the user: a refused sign-in is none, and MariaDB
    # makes that UPDATE wait, without end, for locks on tables that refer to users.
    last_login = auth_signals.user_logged_in.disconnect(dispatch_uid="update_last_login")
    auth_signals.user_logged_in.connect(on_login, dispatch_uid="sessions_hub.on_login")
    if last_login:
        auth_signals.user_logged_in.connect(update_last_login, dispatch_uid="update_last_login")
    auth_signals.user_logged_out.connect(on_logout, dispatch_uid="sessions_hub.on_logout")
    auth_signals.user_login_failed.connect(on_failure, dispatch_uid="sessions_hub.on_failure")
    for model in apps.get_models():
        # A child of the user model is saved under its own name.
        if issubclass(model, get_user_model()._meta.concrete_model or get_user_model()):
            label = model._meta.label_lower
            pre_save.connect(
                on_user_saving, sender=model, dispatch_uid=f"sessions_hub.on_user_saving.{label}"
            )
            post_save.connect(
                on_user_saved, sender=model, dispatch_uid=f"sessions_hub.on_user_saved.{label}"
            )
        # A proxy is its own sender; of a child's deletion the parent is told as well.
        if model._meta.concrete_model is get_user_model()._meta.concrete_model:
            pre_delete.connect(
                on_user_delete,
                sender=model,
                dispatch_uid=f"sessions_hub.on_user_delete.{model._meta.label_lower}",
            )
    for model in factors.code_models():
        uid = f"sessions_hub.on_codes_saving.{model._meta.label_lower}"
        pre_save.connect(on_codes_saving, sender=model, dispatch_uid=uid)
    for model, package in factors.removals():
        uid = f"sessions_hub.on_factor.{model._meta.label_lower}"
        for signal, deleted in ((post_delete, True), (post_save, False)):
            receiver = partial(on_factor, removed_factor=package.removed_factor, deleted=deleted)
            signal.connect(receiver, sender=model, weak=False, dispatch_uid=uid)
        uid = f"sessions_hub.on_factor_changing.{model._meta.label_lower}"
        saving = partial(on_factor_saving, secret_of=package.secret_of)
        pre_save.connect(saving, sender=model, weak=False, dispatch_uid=uid)
        pre_delete.connect(on_factor_deleting, sender=model, dispatch_uid=uid)


def closed(on_failure: Callable[[Any, Exception], None]) -> Callable[[Receiver], Receiver]:
    """Let nothing but the hub's own refusals leave a receiver; other errors go to `on_failure`."""

    def decorate(receiver: Receiver) -> Receiver:
        @wraps(receiver)
        def receive(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
            try:
                receiver(sender, request, user, **kwargs)
            except (Unavailable, TooManySessions):
                raise
            except Exception as error:  # noqa: BLE001
                on_failure(request, error)

        return receive

    return decorate


def _on_login_failure(request: Any, error: Exception) -> None:
    _on_record_failure(plain_request(request), error)


def _on_logout_failure(request: Any, error: Exception) -> None:
    _on_end_failure(plain_request(request), error)


@closed(_on_login_failure)
def on_login(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """Record a sign-in; refuse it with SessionNotRecorded when that fails."""
    plain = plain_request(request)
    session = getattr(plain, "session", None)
    if plain is None or session is None:
        return
    tie = link.read(session)
    if not isinstance(user, get_user_model()):
        note_foreign_user(user)
        if tie is not None and tie.marker is not None and session.modified:
            # Signed in over one of ours without a flush: it is not that session any more.
            session.pop(link.MARKER_KEY)
            _end(plain, partial(end_session, tie.marker.session_id, reason=EndReason.REPLACED))
        return
    # Token logins (knox) send this signal with a session that is somebody else's or
    # that they have not touched: login() always writes to it.
    if tie is None or not session.modified or tie.user_id != link.user_id_of(user):
        return
    try:
        start_session(user, request=plain)
        record_noted(plain, user.pk)
    except TooManySessions:
        # Not a fault, so it holds wherever the sign-in came from.
        _note(events.SIGN_IN_REFUSED, plain, user_id=user.pk, reason="too_many_sessions")
        state_of(plain).too_many = True
        _refuse(plain)
        raise
    except Exception as error:  # noqa: BLE001
        _on_record_failure(plain, error, user)


@closed(_on_logout_failure)
def on_logout(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """End the session that is being signed out of."""
    plain = plain_request(request)
    if isinstance(plain, HttpRequest) and (bearer := state_of(plain).bearer) is not None:
        try:
            end_session(bearer.session_id, reason=EndReason.SIGNED_OUT, by=bearer.user)
        except Exception as error:  # noqa: BLE001
            _on_end_failure(plain, error)
        return
    session = getattr(plain, "session", None)
    if plain is None or session is None or getattr(request, "auth", None) not in (None, user):
        # Signed out with a token: the browser's session stays.
        return
    tie = link.read(session)
    if tie is None or tie.marker is None:
        return
    if user is not None and tie.user_id != link.user_id_of(user):
        return
    if (held := suspended.read(session)) is not None:
        _end(plain, partial(sign_out_both, held))
        # What the answer's status may ask to be done again.
        state_of(plain).suspended = held
    else:
        _end(
            plain,
            partial(end_session, tie.marker.session_id, reason=EndReason.SIGNED_OUT, by=user),
        )
    state_of(plain).ended_id = tie.marker.session_id


def _end(request: HttpRequest, end: Callable[[], object]) -> None:
    state = state_of(request)
    try:
        end()
    except Exception as error:  # noqa: BLE001
        _on_end_failure(request, error)
    state.session_id = state.row = None
    if state.served:
        attach(request)


def _on_end_failure(request: HttpRequest | None, error: Exception) -> None:
    log_once_a_minute(
        logger,
        logging.ERROR,
        "end",
        "The end of a session could not be recorded: %s",
        error,
        exc_info=True,
    )
    if request is not None and state_of(request).served:
        state_of(request).refused = True
        raise SessionNotEnded("The sign-out could not be recorded; try again.") from error


def on_failure(sender: Any, credentials: Any = None, request: Any = None, **kwargs: Any) -> None:
    """Note and count a failed sign-in, without what was typed."""
    # Whoever mistyped a password learns that, and nothing else: no fault of ours leaves this.
    try:
        # Whatever authenticate() was given: a failed sign-in must fail as without the hub.
        given = plain_request(request)
        plain = given if isinstance(given, HttpRequest) else None
    except Exception:  # noqa: BLE001
        plain = None
    _note(events.SIGN_IN_FAILED, plain)
    try:
        note_failed(plain)
    except Exception:  # noqa: BLE001
        log_uncounted()


def _on_record_failure(request: HttpRequest | None, error: Exception, user: Any = None) -> None:
    served = request is not None and state_of(request).served
    stands = not served or conf.SESSIONS_HUB_RECORD_FAILURE == "allow"
    log_once_a_minute(
        logger,
        logging.ERROR,
        "record",
        "A sign-in could not be recorded and was %s: %s",
        "let stand" if stands else "refused with 503",
        " ".join((str(error), *getattr(error, "__notes__", ()))),
        exc_info=True,
    )
    if stands or request is None:
        return
    user_id = getattr(user, "pk", None)
    _note(events.SIGN_IN_REFUSED, request, user_id=user_id, reason="not_recorded")
    _refuse(request)
    raise SessionNotRecorded("The sign-in could not be recorded; try again.") from error


def _note(event: events.Event, request: HttpRequest | None, **values: Any) -> None:
    """Emit an event with the request's address. A fault of that is logged, and no more.

    What made a refusal necessary may break its note too: it stays a refusal.
    """
    try:
        if events.is_heard(event):
            events.emit(event, address=_address_of(request), **values)
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger, logging.ERROR, "note", "A sign-in's event was not noted.", exc_info=True
        )


def _address_of(request: HttpRequest | None) -> str:
    try:
        return snapshot_of(request).address
    except Exception:  # noqa: BLE001
        log_once_a_minute(
            logger, logging.ERROR, "address", "An address was not read.", exc_info=True
        )
        return ""


def _refuse(request: HttpRequest) -> None:
    """Take the sign-in back: the request is anonymous, and its session is as it was."""
    state = state_of(request)
    session = request.session
    state.refused = True
    if session.session_key is None:
        # Another user was signed in: Django has flushed that session.
        state.lost_id = state.session_id
    state.session_id = state.row = None
    link.drop_sign_in(session)
    try:
        link.give_back(session, state.loaded_key)
    except Exception:
        logger.warning("An anonymous session was lost with a refused sign-in.", exc_info=True)
    make_anonymous(request)
    # The form's CSRF token stays good, so that the visitor can just try again.
    request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)
