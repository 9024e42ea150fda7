"""Users, browsers and a quiet start for the tests of the lifecycle."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.db import connections
from django.utils import timezone, translation
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions_hub import signals
from sessions_hub.capture import ClientSnapshot
from sessions_hub.lifecycle.guard import database
from sessions_hub.models import Session
from sessions_hub.understanding import geoip, understand_client
from tests.contract.browser import CHROME, Browser
from tests.contract.conftest import engine as engine
from tests.contract.conftest import forget
from tests.contract.conftest import mode as mode

from .caches import IN_MEMORY, FaultyCache, copy_of, in_redis
from .forwarding import SERVER, permit
from .impersonating import impersonate, make_staff
from .places import Traveller, write_places
from .tenant_site import ANSWER, ASKED

START = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def more_views(settings) -> None:
    settings.ROOT_URLCONF = "tests.lifecycle.urls"


@pytest.fixture(scope="session", autouse=True)
def warm() -> None:
    """The first sign-in of a process loads the user agent tables: not what is timed here."""
    understand_client(ClientSnapshot(user_agent=CHROME))
    import_module("tests.lifecycle.urls")


@pytest.fixture
def make_user() -> Callable[..., object]:
    def make(name: str = "ada", **values: object) -> object:
        return get_user_model()._default_manager.create_user(
            username=name, password="right-password", **values
        )

    return make


@pytest.fixture
def user(make_user):
    return make_user()


@pytest.fixture
def browser() -> Browser:
    return Browser("sync")


@pytest.fixture
def signed_in(browser, user) -> Browser:
    browser.sign_in("ada")
    return browser


@pytest.fixture
def stoppable_cache(settings) -> Iterator[None]:
    settings.CACHES = {
        "default": {"BACKEND": "tests.contract.caches.StoppableCache", "LOCATION": "lifecycle"}
    }
    yield
    caches["default"].clear()


@pytest.fixture
def atomic_requests() -> Iterator[None]:
    for alias in connections:
        connections[alias].settings_dict["ATOMIC_REQUESTS"] = True
    yield
    for alias in connections:
        connections[alias].settings_dict["ATOMIC_REQUESTS"] = False


@pytest.fixture
def alias() -> str:
    return database()


@pytest.fixture
def connection(alias):
    return connections[alias]


@pytest.fixture
def heard() -> Iterator[dict[str, list[dict]]]:
    """What the hub's signals said, by the signal's name."""
    names = (
        "session_started",
        "session_ended",
        "session_touched",
        "device_first_seen",
        "country_first_seen",
        "session_moved",
    )
    said: dict[str, list[dict]] = {name: [] for name in names}

    def listen(name):
        def receiver(sender, **arguments):
            del arguments["signal"]
            said[name].append({"sender": sender, **arguments})

        return receiver

    receivers = {name: listen(name) for name in names}
    for name, receiver in receivers.items():
        getattr(signals, name).connect(receiver, weak=False)
    yield said
    for name, receiver in receivers.items():
        getattr(signals, name).disconnect(receiver)


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def verdicts(request, settings) -> Iterator[None]:
    """SESSIONS_HUB_CACHE, in memory and in Redis."""
    prefix = f"sessions_hub_verdicts_{os.getpid()}"
    place = IN_MEMORY
    if request.param == "redis":
        place = in_redis(request.getfixturevalue("redis_url"), prefix)
    yield from _with_verdicts(settings, place)
    if request.param == "redis":
        forget(place)


@pytest.fixture
def verdicts_in_memory(settings) -> Iterator[None]:
    """SESSIONS_HUB_CACHE in memory, where faults can be told to happen."""
    yield from _with_verdicts(settings, IN_MEMORY)


def _with_verdicts(settings, place) -> Iterator[None]:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
        "verdicts": place,
    }
    settings.SESSIONS_HUB_CACHE = "verdicts"
    yield
    FaultyCache.failing = {}
    if place is IN_MEMORY:
        caches["verdicts"].clear()


@pytest.fixture
def cached_session(verdicts, signed_in) -> Session:
    """A session whose verdict is in the cache."""
    assert signed_in.whoami() == "ada"
    session = Session.objects.get()
    assert copy_of(session.pk) is not None
    return session


@pytest.fixture
def places(settings, tmp_path) -> Iterator[None]:
    """Addresses have places, and the proxy tells a Traveller's."""
    settings.SESSIONS_HUB_GEOIP_PATH = write_places(tmp_path / "places.mmdb")
    settings.SESSIONS_HUB_PROXY_COUNT = 1
    geoip._file.cache_clear()
    yield
    geoip._file.cache_clear()


@pytest.fixture
def traveller(places, user) -> Traveller:
    """Signed in at home, on the user's first device."""
    one = Traveller()
    one.sign_in("ada")
    return one


@pytest.fixture
def moving_site(more_views, places, settings) -> None:
    settings.ROOT_URLCONF = "tests.lifecycle.moving"


@pytest.fixture
def alert_site(more_views, places, settings, user) -> Iterator[None]:
    """Ada has an address, and is told of new devices and countries."""
    settings.ROOT_URLCONF = "tests.lifecycle.alerting"
    settings.SESSIONS_HUB_ALERTS = ["device", "country"]
    settings.ALLOWED_HOSTS = ["testserver"]
    user.email = "ada@example.com"
    user.save()
    yield
    timezone.deactivate()
    translation.activate("en")


@pytest.fixture
def account_site(more_views, settings) -> None:
    settings.ROOT_URLCONF = "tests.account.site"


@pytest.fixture
def device(user) -> TOTPDevice:
    return TOTPDevice.objects.create(user=user, name="phone", confirmed=True)


@pytest.fixture
def rendered_site(more_views, settings) -> None:
    settings.ROOT_URLCONF = "tests.lifecycle.rendered_site"


@pytest.fixture
def renderer(make_user):
    """The user the rendering server acts as."""
    member = make_user("renderer")
    permit(member)
    return member


@pytest.fixture
def server(mode, renderer) -> Browser:
    """The rendering server, which keeps all cookies it gets."""
    return Browser(mode, **{"user-agent": SERVER, "Authorization": "Bearer renderer"})


@pytest.fixture
def tenants(more_views, settings) -> None:
    settings.ROOT_URLCONF = "tests.lifecycle.tenant_site"
    settings.SESSIONS_HUB_TENANT = "tests.lifecycle.tenant_site.tenant_of"
    ANSWER[:] = [("acme", "berlin")]
    ASKED.clear()


@pytest.fixture
def impersonation_site(more_views, settings) -> None:
    settings.ROOT_URLCONF = "tests.lifecycle.impersonating"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def staff(db):
    return make_staff()


@pytest.fixture
def grace(staff, user, browser) -> Browser:
    """Her browser, signed in."""
    browser.sign_in("grace")
    return browser


@pytest.fixture
def acting(grace) -> Browser:
    """Her browser, acting as ada; no request of it has been judged yet."""
    assert impersonate(grace).status_code == 200
    return grace


@pytest.fixture
def acted(acting) -> Browser:
    """Her browser, after a first request as ada."""
    assert acting.whoami() == "ada"
    return acting
