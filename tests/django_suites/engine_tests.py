"""Django's own tests of session engines, on ours.

They are classes of its `sessions_tests`, which is on the path when this is imported.
"""

from __future__ import annotations

from unittest import mock

from django.test import override_settings
from sessions_tests import tests as djangos

from sessions_hub.engine.store import SessionStore

ENGINE = "sessions_hub.engine.store"


class EngineTests(djangos.DatabaseSessionTests):
    """Whatever the database engine does."""

    backend = SessionStore
    session_engine = ENGINE


@override_settings(USE_TZ=True)
class EngineWithTimeZoneTests(EngineTests):
    """With time zones, as the hub has them."""


@override_settings(SESSIONS_HUB_ENGINE_TAKES_OVER=True)
class EngineThatTakesOverTests(EngineTests):
    """While sessions are moved over from Django's engine."""


@override_settings(SESSION_ENGINE=ENGINE)
class EngineMiddlewareTests(djangos.SessionMiddlewareTests):
    """SessionMiddleware on our engine; the tests look for rows in the model of that name."""

    def setUp(self) -> None:
        replaced = mock.patch.object(djangos, "Session", SessionStore.get_model_class())
        replaced.start()
        self.addCleanup(replaced.stop)
        super().setUp()
