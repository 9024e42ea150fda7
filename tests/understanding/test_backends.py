"""Backends: which one is asked, how often, and what a broken one costs (nothing)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import warnings
from datetime import timedelta
from threading import Barrier, Lock, Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from sessions_hub import logs
from sessions_hub.capture import ClientSnapshot
from sessions_hub.models import Session
from sessions_hub.understanding import ClientFacts, deadline, understand_client
from sessions_hub.understanding import client as client_module
from sessions_hub.understanding.backends import base
from sessions_hub.understanding.backends.base import BackendUnavailable, load_backend
from sessions_hub.understanding.client import parse_client
from sessions_hub.understanding.deadline import call_within
from sessions_hub.understanding.fitting import SIZES
from sessions_hub.understanding.user_agent import parse
from tests.factories import make_user
from tests.understanding import backends

BROKEN = [
    "Raises",
    "Exits",
    "Recurses",
    "Sleeps",
    "Unloadable",
    "Leaves",
    "Nothing",
    "Dictionary",
    "NoBackend",
    "missing",
]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(logs, "_last", {})
    backends.wake.clear()
    backends.Echo.asked.clear()
    client_module._parse.cache_clear()
    monkeypatch.setattr(base, "_loaded", {})
    monkeypatch.setattr(base, "_failed", {})
    monkeypatch.setattr(deadline, "_permits", deadline._Permits())
    yield
    backends.wake.set()
    client_module._parse.cache_clear()


@pytest.fixture
def use(settings):
    def use(name: str) -> None:
        settings.SESSIONS_HUB_USER_AGENT_BACKEND = f"tests.understanding.backends.{name}"
        settings.SESSIONS_HUB_USER_AGENT_TIMEOUT = timedelta(seconds=0.2)

    return use


def understand(user_agent: str = "anything", **hints: str) -> ClientFacts:
    return understand_client(ClientSnapshot(user_agent=user_agent, hints=hints))


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


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_backend_is_an_unknown_client_and_one_line_a_minute(use, caplog, name) -> None:
    use(name)
    assert [understand(), understand("other")] == [ClientFacts()] * 2
    assert [record.name for record in caplog.records] == ["sessions_hub.understanding"]
    assert caplog.records[0].exc_info


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.django_db(databases="__all__")
def test_a_sign_in_with_a_broken_backend_succeeds(use, name) -> None:
    use(name)
    make_user("ada")
    client = Client(headers={"user-agent": "Mozilla/5.0 whatever"})
    assert client.post("/sign-in/?user=ada").status_code == 200
    assert client.get("/whoami/").json()["user"] == "ada"
    session = Session.objects.get()
    assert (session.user_agent, session.client_name) == ("Mozilla/5.0 whatever", "")


def test_a_failure_is_not_remembered(use) -> None:
    use("Sleeps")
    assert understand() == ClientFacts()
    backends.wake.set()
    assert understand().client_name == "too late"


def test_a_sleeping_backend_costs_the_time_limit_and_no_more(use) -> None:
    use("Sleeps")
    start = time.monotonic()
    assert understand() == ClientFacts()
    assert 0.15 < time.monotonic() - start < 5


def test_stuck_calls_keep_no_more_than_a_few_threads(use) -> None:
    use("Sleeps")
    start = time.monotonic()
    threads = [Thread(target=understand, args=(str(number),)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - start < 10
    stuck = [thread for thread in _threads() if thread.name == "sessions-hub-parse"]
    assert 0 < len(stuck) <= deadline.MAX_THREADS
    backends.wake.set()
    for thread in stuck:
        thread.join(5)
    assert call_within(1, lambda: "free again") == "free again"


def _threads() -> list[Thread]:
    import threading

    return threading.enumerate()


def test_nobody_waits_while_every_thread_is_stuck(use) -> None:
    use("Sleeps")
    for number in range(deadline.MAX_THREADS):
        understand(str(number))
    start = time.monotonic()
    for number in range(20):
        assert understand(f"late {number}") == ClientFacts()
    # Waited for in turn, they would take four seconds.
    assert time.monotonic() - start < 2


def test_a_thread_that_comes_back_late_is_free_again() -> None:
    permits, calls = deadline._Permits(), [deadline._Call() for _ in range(deadline.MAX_THREADS)]
    for call in calls:
        assert permits.take(0)
        permits.give_up(call)
    assert not permits.take(0)
    permits.give_back(calls[0])
    assert permits.take(0)
    # Back before it is given up: not stuck.
    permits.give_back(calls[1])
    permits.give_up(calls[1])
    assert permits.take(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_worker_starts_without_the_stuck_threads_and_closed_locks(
    use, monkeypatch
) -> None:
    use("Sleeps")
    for number in range(deadline.MAX_THREADS):
        understand(str(number))
    monkeypatch.setattr(base, "_locks", {"tests.understanding.backends.Echo": Lock()})
    base._locks["tests.understanding.backends.Echo"].acquire()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        path = "tests.understanding.backends.Echo"
        facts = parse_client(ClientSnapshot(user_agent="hello"), backend=path)
        os._exit(0 if facts.client_name == "hello" else 1)
    until = time.monotonic() + 20
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < until:
        time.sleep(0.05)
    if ended == (0, 0):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert ended[1] == 0


def test_a_subclass_of_a_quick_backend_has_the_time_limit(use) -> None:
    use("SlowerThanItsParent")
    start = time.monotonic()
    assert understand() == ClientFacts()
    assert time.monotonic() - start < 5


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


def test_what_a_backend_does_to_the_headers_changes_nothing(use) -> None:
    use("ClearsHeaders")
    facts = understand("x", **{"sec-ch-ua-platform": '"Android"', "sec-ch-ua-mobile": "?1"})
    assert (facts.os_name, facts.device_type) == ("Android", "smartphone")


def test_one_wrong_value_costs_no_other(use) -> None:
    use("NoVersion")
    facts = understand()
    assert (facts.client_name, facts.client_version, facts.os_version) == ("Acme", "", "")


def test_the_default_backend_needs_no_thread(monkeypatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("a thread was asked for")

    monkeypatch.setattr(client_module, "call_within", refuse)
    assert understand("curl/8.7.1").client_name == "curl"


def test_no_value_outgrows_its_column(use) -> None:
    use("TooLong")
    facts = understand()
    assert {name: len(getattr(facts, name)) for name in SIZES} == SIZES


def test_a_backend_with_wrong_types_stores_nothing(use) -> None:
    use("WrongTypes")
    assert understand() == ClientFacts()


def test_what_a_database_cannot_store_is_dropped(use) -> None:
    use("Unprintable")
    facts = understand()
    assert (facts.client_name, facts.device_brand) == ("abc[1m", "Citroën")
    assert facts.is_bot is True


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


def test_an_answer_of_another_type_is_named() -> None:
    with pytest.raises(TypeError, match="Dictionary answered with dict, not ClientFacts"):
        parse("x", {}, backend="tests.understanding.backends.Dictionary")


def test_a_call_in_time_returns_and_raises_as_itself() -> None:
    def fail() -> None:
        raise LookupError("from inside")

    assert call_within(5, lambda: 42) == 42
    with pytest.raises(LookupError, match="from inside"):
        call_within(5, fail)


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


def test_an_answer_that_comes_too_late_does_not_count(monkeypatch) -> None:
    # As behind a regular expression, which holds the interpreter until it is done.
    clock = [100.0]
    monkeypatch.setattr(deadline, "monotonic", lambda: clock[0])

    def slow() -> str:
        clock[0] += 30
        return "too late"

    with pytest.raises(TimeoutError, match="no answer within 5 seconds"):
        call_within(5, slow)


def test_a_constructor_whose_error_cannot_be_told_is_unavailable(use) -> None:
    path = "tests.understanding.backends.Mute"
    with pytest.raises(backends.MuteError):
        load_backend(path)
    with pytest.raises(BackendUnavailable, match="could not be loaded: MuteError"):
        load_backend(path)
