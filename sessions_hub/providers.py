"""Receivers of what packages of social sign-in tell, connected once each by `connect()`."""

from __future__ import annotations

from typing import Any

from django.db import Error as DatabaseFault
from django.db.models.signals import post_delete, pre_delete, pre_save

from .conf import conf
from .lifecycle import Unavailable, factors, forget_provider
from .lifecycle.impersonation_lock import keep_credentials
from .lifecycle.provider_answers import note_failure, take
from .lifecycle.state import plain_request, state_of


def connect() -> None:
    """Connect all receivers, as far as their packages are installed."""
    factors.watch_providers(on_provider_answer)
    factors.watch_grants(on_provider_grant)
    for model in factors.accounts():
        uid = f"sessions_hub.on_account_changing.{model._meta.label_lower}"
        pre_save.connect(on_account_saving, sender=model, dispatch_uid=uid)
        pre_delete.connect(on_account_deleting, sender=model, dispatch_uid=uid)
        uid = f"sessions_hub.on_account_removed.{model._meta.label_lower}"
        post_delete.connect(on_account_removed, sender=model, dispatch_uid=uid)


def on_provider_answer(sender: Any, request: Any, sociallogin: Any, **kwargs: Any) -> None:
    """Note what another site says of how it authenticated the user, for the sign-in to come."""
    if (plain := plain_request(request)) is not None:
        state_of(plain).answer = factors.said_by_provider(sociallogin)


def on_account_saving(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Keep an account elsewhere from being connected by whoever acts as another user."""
    if instance._state.adding:
        keep_credentials()


def on_account_deleting(sender: Any, **kwargs: Any) -> None:
    """Keep an account elsewhere from being disconnected by whoever acts as another user."""
    keep_credentials()


def on_provider_grant(
    sender: Any, request: Any, sociallogin: Any = None, user: Any = None, **kwargs: Any
) -> None:
    """Record what allauth was given, once the session it belongs to is there.

    It looks accounts up before it signs anybody in, and tells that too: of such a call
    only a connected account is taken.
    """
    if sociallogin is None or (user is None and not factors.is_connecting(sociallogin)):
        return
    try:
        # Keys are what a site asks for tokens with: without any it need not be warned.
        with_tokens = bool(conf.SESSIONS_HUB_ENCRYPTION_KEYS)
        grant = factors.grant_of(sociallogin, with_tokens=with_tokens)
        signed_in = user if user is not None else getattr(request, "user", None)
        owner = getattr(sociallogin.user, "pk", None)
        if grant.is_more_than_a_name and owner == getattr(signed_in, "pk", None):
            take(request, owner, grant)
    except Exception:  # noqa: BLE001
        note_failure()


def on_account_removed(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Delete the tokens of an account that is disconnected.

    Raises Unavailable where that cannot be stored: a token must not outlive the wish to
    be rid of it.
    """
    try:
        forget_provider(instance.user_id, str(instance.provider), str(instance.uid))
    except DatabaseFault as error:
        raise Unavailable("The tokens of a provider could not be deleted; try again.") from error
