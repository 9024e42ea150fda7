"""Fixtures of pytest for a site's own tests.

Not loaded by itself: in the site's top `conftest.py`::

    pytest_plugins = ["sessions_hub.testing.plugin"]

It needs pytest-django. The only module of the hub that imports pytest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client

from sessions_hub import testing
from sessions_hub.models import Device, Session

__all__ = ["device_factory", "hub_session", "hub_user", "sign_in"]


@pytest.fixture
def sign_in(db: None) -> Callable[..., testing.SignedIn]:
    """`sessions_hub.testing.sign_in`: signs a user in and returns client and session."""
    return testing.sign_in


@pytest.fixture
def device_factory(db: None) -> Callable[..., Device]:
    """`sessions_hub.testing.make_device`: makes devices to sign in on."""
    return testing.make_device


@pytest.fixture
def hub_user(db: None, django_user_model: Any) -> AbstractBaseUser:
    """Whose session `hub_session` is. Override it where your users need more than a name."""
    user: AbstractBaseUser = django_user_model(
        **{django_user_model.USERNAME_FIELD: "hub-user@example.com"}
    )
    user.set_unusable_password()
    user.save()
    return user


@pytest.fixture
def hub_session(client: Client, hub_user: AbstractBaseUser) -> Session:
    """The session of `hub_user`, who is signed in with pytest-django's `client`."""
    return testing.sign_in(hub_user, client=client).session
