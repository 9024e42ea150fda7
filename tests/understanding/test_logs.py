"""What happens on every request is said once a minute."""

from __future__ import annotations

import logging
from threading import Thread

import pytest

from sessions_hub import logs
from sessions_hub.logs import log_once_a_minute

logger = logging.getLogger("sessions_hub.tests")


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    monkeypatch.setattr(logs, "_last", {})


def test_a_key_is_logged_once_a_minute(monkeypatch, caplog) -> None:
    now = 1000.0
    monkeypatch.setattr(logs, "monotonic", lambda: now)
    said = []
    for now in (1000.0, 1000.1, 1059.9, 1060.0, 1119.0, 1120.0):
        said.append(log_once_a_minute(logger, logging.WARNING, "key", "at %s", now))
    assert said == [True, False, False, True, False, True]
    assert [record.getMessage() for record in caplog.records] == [
        "at 1000.0",
        "at 1060.0",
        "at 1120.0",
    ]


def test_keys_and_loggers_are_apart(caplog) -> None:
    other = logging.getLogger("sessions_hub.tests.other")
    calls = [(logger, "a"), (logger, "b"), (other, "a"), (logger, "a")]
    assert [log_once_a_minute(who, logging.ERROR, key, "x") for who, key in calls] == [
        True,
        True,
        True,
        False,
    ]


def test_the_exception_can_be_logged_with_it(caplog) -> None:
    try:
        raise ValueError("inner")
    except ValueError:
        log_once_a_minute(logger, logging.ERROR, "key", "outer", exc_info=True)
    assert "ValueError: inner" in caplog.text
    assert caplog.records[0].funcName == "test_the_exception_can_be_logged_with_it"


def test_any_number_of_keys_takes_little_memory() -> None:
    for number in range(1000):
        log_once_a_minute(logger, logging.DEBUG, str(number), "x")
    assert len(logs._last) <= 256


def test_one_of_many_threads_speaks(caplog) -> None:
    said: list[bool] = []
    threads = [
        Thread(target=lambda: said.append(log_once_a_minute(logger, logging.WARNING, "key", "x")))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said.count(True) == 1
