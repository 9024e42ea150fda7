"""Sessions of other tables, as their packages store them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session as DjangoSession
from django.db import connection
from django.test import modify_settings

# django-user-sessions 2.0.0, migrations 0001 to 0003; it cannot be imported beside a
# setuptools of today.
_USER_SESSIONS = """
    CREATE TABLE user_sessions_session (
        session_key varchar(40) NOT NULL PRIMARY KEY,
        session_data {text} NOT NULL,
        expire_date {time} NOT NULL,
        user_agent varchar(200) NULL,
        last_activity {time} NOT NULL,
        ip {address} NULL,
        user_id integer NULL
    )
"""
_TYPES = {
    "sqlite": {"text": "text", "time": "datetime", "address": "char(39)"},
    "postgresql": {"text": "text", "time": "timestamp with time zone", "address": "inet"},
    "mysql": {"text": "longtext", "time": "datetime(6)", "address": "char(39)"},
}


def signed_in(user: Any, **values: Any) -> dict[str, Any]:
    """Session data in which `user` is signed in."""
    return {
        SESSION_KEY: user._meta.pk.value_to_string(user),
        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
        HASH_SESSION_KEY: user.get_session_auth_hash(),
        **values,
    }


def store(data: dict[str, Any], **columns: Any) -> str:
    """Store data in django_session; return the key."""
    session = SessionStore()
    for key, value in data.items():
        session[key] = value
    session.create()
    session.save()
    if columns:
        DjangoSession.objects.filter(pk=session.session_key).update(**columns)
    return session.session_key


@contextmanager
def table_of(model_path: str, *installed: str) -> Iterator[Any]:
    """The real model of a package, with its table, while it is installed."""
    before = set(admin.site._registry)
    try:
        with _table_of(model_path, *installed) as model:
            yield model
    finally:
        # Its admin was found with it, and has no app any more.
        admin.site.unregister(set(admin.site._registry) - before)


@contextmanager
def _table_of(model_path: str, *installed: str) -> Iterator[Any]:
    with modify_settings(INSTALLED_APPS={"append": list(installed)}):
        module, _dot, name = model_path.rpartition(".")
        model = getattr(import_module(module), name)
        with connection.schema_editor() as editor:
            editor.create_model(model)
        try:
            yield model
        finally:
            with connection.schema_editor() as editor:
                editor.delete_model(model)
            apps.clear_cache()


@contextmanager
def user_sessions_table() -> Iterator[None]:
    """The table of django-user-sessions."""
    with connection.cursor() as cursor:
        cursor.execute(_USER_SESSIONS.format(**_TYPES[connection.vendor]))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE user_sessions_session")
