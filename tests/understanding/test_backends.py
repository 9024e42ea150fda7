"""Backends: which one is asked, how often, and how it is loaded."""

from __future__ import annotations

import subprocess
import sys
from threading import Barrier, Lock, Thread

import pytest
from django.core.exceptions import ImproperlyConfigured

from sessions_hub.capture import ClientSnapshot
from sessions_hub.understanding import ClientFacts
from sessions_hub.understanding.backends import base
from sessions_hub.understanding.backends.base import BackendUnavailable, load_backend
from sessions_hub.understanding.client import parse_client
from sessions_hub.understanding.user_agent import parse
from tests.understanding import backends

from .conftest import understand

pytestmark = pytest.mark.usefixtures("fresh_backends")


def test_the_configured_backend_is_asked(use) -> None:
    use("Echo")
    facts = understand("MyApp/1", **{"sec-ch-ua-mobile": "?1"})
    assert (facts.client_name, facts.client_version) == ("MyApp/1", "1.2")
    assert backends.Echo.asked == [("MyApp/1", {"sec-ch-ua-mobile": "?1"})]


def test_a_backend_can_be_named_for_one_call(use) -> None:
    use("Raises")
    path = "tests.understanding.backends.Echo"
    assert parse("x", {}, backend=path).client_name == "x"
    assert parse_client(ClientSnapshot(user_agent="x"), backend=path).client_name == "x"


def test_a_backend_is_built_once_for_all_threads(use) -> None:
    use("Echo")
    backends.Echo.built = 0
    start = Barrier(8)

    def run(number: int) -> None:
        start.wait()
        understand(f"agent {number}")

    threads = [Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert backends.Echo.built == 1
    assert len(backends.Echo.asked) == 8


def test_the_same_client_is_parsed_once_and_other_hints_are_another(use) -> None:
    use("Echo")
    for _ in range(3):
        understand("x", **{"sec-ch-ua-arch": '"x86"'})
        understand("x", **{"sec-ch-ua-arch": '"arm"'})
        understand("x", **{"sec-ch-ua-model": '"Pixel 9"'})
    assert len(backends.Echo.asked) == 2


def test_what_one_backend_said_is_not_what_another_says(use) -> None:
    use("Echo")
    assert understand("x").client_name == "x"
    use("Raises")
    assert understand("x") == ClientFacts()


def test_a_constructor_that_fails_is_not_tried_for_every_sign_in(use, monkeypatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(base, "monotonic", lambda: clock[0])
    use("Unloadable")
    backends.Unloadable.built = 0
    path = "tests.understanding.backends.Unloadable"
    with pytest.raises(OSError, match="tables are missing"):
        load_backend(path)
    for clock[0] in (1000.1, 1059.0):
        with pytest.raises(BackendUnavailable, match="tables are missing"):
            load_backend(path)
    clock[0] = 1060.0
    with pytest.raises(OSError, match="tables are missing"):
        load_backend(path)
    assert backends.Unloadable.built == 2


def test_a_loaded_backend_does_not_wait_for_another_one_s_loading(use) -> None:
    use("Echo")
    understand("first")
    other = base._locks.setdefault("tests.understanding.backends.Quick", Lock())
    with base._GUARD, other:
        assert load_backend("tests.understanding.backends.Echo") is not None
    with other:
        assert understand("second").client_name == "second"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("tests.understanding.backends.NoBackend", "must name a class derived from"),
        ("tests.understanding.backends.missing", "There is no user agent backend"),
        ("nowhere.at.all", "There is no user agent backend"),
        ("nodots", "There is no user agent backend"),
    ],
)
def test_a_path_that_is_no_backend_is_named(path, message) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        load_backend(path)


def test_nothing_is_loaded_before_the_first_parse() -> None:
    program = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from django.core.management import call_command
call_command("check")
import sessions_hub.understanding.client, sessions_hub.understanding.user_agent
heavy = {"ua_parser", "user_agents", "device_detector", "geoip2", "maxminddb"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
from sessions_hub.understanding.user_agent import parse
assert parse("curl/8.7.1", {}).client_name == "curl"
assert {"ua_parser", "user_agents"} <= set(sys.modules)
assert "device_detector" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_constructor_whose_error_cannot_be_told_is_unavailable(use) -> None:
    path = "tests.understanding.backends.Mute"
    with pytest.raises(backends.MuteError):
        load_backend(path)
    with pytest.raises(BackendUnavailable, match="could not be loaded: MuteError"):
        load_backend(path)
