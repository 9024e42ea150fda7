"""How an event is written down: flat, inert, once, and without harm where that fails."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from django.db import transaction

from sessions_hub import events
from sessions_hub.lifecycle.guard import database

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs" / "observability.md"
EVENTS = {name: one for name, one in vars(events).items() if isinstance(one, events.Event)}
# What every record has: an event's fields must leave these alone.
TAKEN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "event"}
HOSTILE = "a\nERROR forged\r\x1b[2Jb\u202ec\u2028d\x00 user_id=7"
PLAIN = events.Event("test.event", logging.INFO, ("user_id", "reason"))


@pytest.fixture
def said(caplog):
    """The records of the logger of events, as they come."""
    caplog.set_level(logging.INFO, "sessions_hub.events")
    return lambda: [one for one in caplog.records if one.name == "sessions_hub.events"]


def rows(title: str) -> dict[str, list[str]]:
    """The table under a heading of the page: the first cell's code → its other cells."""
    text = DOCS.read_text(encoding="utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    found = {first.strip("`"): rest for first, *rest in cells}
    assert len(found) == len(cells)
    return found


class TestTheTable:
    def test_has_every_event_and_no_other(self):
        assert sorted(rows("Events")) == sorted(one.name for one in EVENTS.values())

    @pytest.mark.parametrize("one", EVENTS.values(), ids=lambda one: one.name)
    def test_has_its_level_and_its_fields(self, one):
        level, fields, *_words = rows("Events")[one.name]
        assert level == logging.getLevelName(one.level)
        assert tuple(re.findall(r"`(\w+)`", fields)) == one.fields

    @pytest.mark.parametrize("name", EVENTS)
    def test_is_of_events_that_happen(self, name):
        code = [
            path.read_text(encoding="utf-8")
            for path in (ROOT / "sessions_hub").rglob("*.py")
            if path.name != "events.py"
        ]
        assert any(f"events.{name}" in text for text in code)

    @pytest.mark.parametrize("one", EVENTS.values(), ids=lambda one: one.name)
    def test_has_names_that_no_record_has(self, one):
        assert not TAKEN.intersection(one.fields)
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", one.name)
        assert len(set(one.fields)) == len(one.fields)


class TestARecord:
    @pytest.mark.parametrize(
        ("value", "attribute", "word"),
        [
            ("ended", "ended", "ended"),
            ("", "", "-"),
            (None, "", "-"),
            ("two words", "two words", '"two words"'),
            ("a=b", "a=b", '"a=b"'),
            ("ü", "ü", '"\\u00fc"'),
            (7, 7, "7"),
            (True, True, "True"),
            (["a", "b"], ["a", "b"], "a,b"),
            (("a b",), ["a b"], '"a b"'),
            ([], [], "-"),
            ({"user": "x"}, '{"user":"x"}', '"{\\"user\\":\\"x\\"}"'),
        ],
    )
    def test_has_each_value_flat_and_in_its_line(self, said, value, attribute, word):
        events.emit(PLAIN, user_id=7, reason=value)
        (record,) = said()
        assert (record.event, record.user_id, record.reason) == ("test.event", "7", attribute)
        assert record.getMessage() == f"test.event user_id=7 reason={word}"
        assert record.levelno == logging.INFO
        assert record.funcName == "test_has_each_value_flat_and_in_its_line"

    @pytest.mark.parametrize("value", [HOSTILE, [HOSTILE], {HOSTILE: HOSTILE}])
    def test_has_nothing_that_acts(self, said, value):
        events.emit(PLAIN, user_id=HOSTILE, reason=value)
        (record,) = said()
        for text in (record.getMessage(), record.user_id, str(record.reason)):
            assert "forged" in text
            assert text.isprintable()
        assert record.getMessage().isascii()
        # What was sent does not look like a field of its own.
        assert not re.search(r" user_id=7( |$)", record.getMessage())

    @pytest.mark.parametrize("level", [logging.WARNING, logging.CRITICAL])
    def test_is_not_made_where_nobody_listens(self, caplog, level):
        caplog.set_level(level, "sessions_hub.events")

        class Untouchable:
            def __str__(self):
                raise AssertionError("It was looked at.")

        assert not events.is_heard(PLAIN)
        events.emit(PLAIN, user_id=Untouchable(), reason=Untouchable())
        assert caplog.records == []


class TestFaults:
    @pytest.mark.parametrize("fields", [{}, {"user_id": 7}], ids=["none", "some"])
    def test_a_field_that_is_missing_costs_nobody_anything(self, said, caplog, fields):
        events.emit(PLAIN, **fields)
        assert said() == []
        assert [one.getMessage() for one in caplog.records] == ["The event test.event was lost."]

    def test_nor_does_a_filter_that_raises(self, said, caplog):
        logger = logging.getLogger("sessions_hub.events")

        def fail(record):
            raise RuntimeError("a filter of the site's")

        logger.addFilter(fail)
        try:
            events.emit(PLAIN, user_id=7, reason="x")
        finally:
            logger.removeFilter(fail)
        assert "a filter of the site's" in caplog.text


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestTransactions:
    def test_what_is_rolled_back_is_not_told(self, said):
        alias = database()
        with transaction.atomic(using=alias):
            events.emit_on_commit(PLAIN, alias, user_id=7, reason="x")
            transaction.set_rollback(True, using=alias)
        assert said() == []

    def test_what_is_committed_is_told_then(self, said):
        alias = database()
        with transaction.atomic(using=alias):
            events.emit_on_commit(PLAIN, alias, user_id=7, reason="x")
            assert said() == []
        assert len(said()) == 1

    def test_nothing_is_scheduled_where_nobody_listens(self, caplog):
        caplog.set_level(logging.ERROR, "sessions_hub.events")
        alias = database()
        with transaction.atomic(using=alias):
            events.emit_on_commit(PLAIN, alias, user_id=7, reason="x")
            assert transaction.get_connection(alias).run_on_commit == []
