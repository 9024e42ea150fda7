"""Excluded tests may fail, and nothing else: each has a reason, and one that passes must go."""

from __future__ import annotations

import io
import unittest

import pytest

from . import exclusions
from .installed import APPS, AUTHENTICATION, MIDDLEWARE, NEEDED_APPS, with_apps, with_middleware
from .runner import Result, Runner

TEXT = """
# A comment.
a.Test.one | because of something
[5.2 6.0] a.Test.two | because of something else
[6.1] engine a.Test.three | because of the engine
django a.Test.four | because of Django's engine
"""


class Sample(unittest.TestCase):
    def good(self):
        pass

    def bad(self):
        raise AssertionError

    def broken(self):
        raise RuntimeError

    def sub(self):
        with self.subTest("the first"):
            raise AssertionError
        with self.subTest("the second"):
            pass


def outcome(monkeypatch, names: list[str], excluded: list[str], most: float = 1.0) -> int:
    ids = {f"{Sample.__module__}.Sample.{name}": "a reason" for name in excluded}
    monkeypatch.setattr(exclusions, "current", lambda: ids)
    monkeypatch.setattr("tests.django_suites.runner.MOST", most)
    stream = unittest.runner._WritelnDecorator(io.StringIO())
    result = Result(stream, descriptions=False, verbosity=0)
    unittest.TestSuite(Sample(name) for name in names).run(result)
    return Runner(verbosity=0).suite_result(None, result)


class TestTheFile:
    @pytest.mark.parametrize(
        ("version", "run", "ids"),
        [
            ("5.2", "django", {"one", "two", "four"}),
            ("6.1", "django", {"one", "four"}),
            ("6.1", "engine", {"one", "three"}),
        ],
    )
    def test_a_line_counts_for_its_versions_and_its_run(self, version, run, ids):
        found = exclusions.read(TEXT, version, run)
        assert {name.removeprefix("a.Test.") for name in found} == ids

    @pytest.mark.parametrize("line", ["a.Test.one", "a.Test.one | short", "a b | a long reason"])
    def test_a_line_without_a_reason_is_refused(self, line):
        with pytest.raises(ValueError, match="line 1"):
            exclusions.read(line, "6.1", "django")

    def test_ours_can_be_read(self):
        assert exclusions.current()


class TestTheRunner:
    @pytest.mark.parametrize(
        ("names", "excluded", "fails"),
        [
            (["good"], [], False),
            (["good", "bad"], [], True),
            (["good", "broken"], [], True),
            (["good", "sub"], [], True),
            (["good", "bad", "broken", "sub"], ["bad", "broken", "sub"], False),
            (["good"], ["good"], True),
            (["bad", "broken"], ["bad"], True),
            (["good"], ["bad"], True),
            ([], [], True),
        ],
    )
    def test_fails_for_what_is_not_excluded_and_for_what_need_not_be(
        self, monkeypatch, names, excluded, fails
    ):
        assert bool(outcome(monkeypatch, names, excluded)) == fails

    def test_fails_when_too_many_are_excluded(self, monkeypatch):
        assert outcome(monkeypatch, ["good", "bad"], ["bad"], most=0.4)
        assert not outcome(monkeypatch, ["good", "bad"], ["bad"], most=0.5)


class TestTheSite:
    def test_the_hub_is_added_where_it_can_be(self):
        assert with_apps(NEEDED_APPS)[-2:] == APPS
        assert with_apps([*NEEDED_APPS, *APPS]).count("sessions_hub") == 1
        assert with_apps(["django.contrib.auth"]) == ["django.contrib.auth"]

    def test_ours_stands_right_behind_authentication(self):
        assert with_middleware(["a", AUTHENTICATION, "b"]) == ["a", AUTHENTICATION, MIDDLEWARE, "b"]
        assert with_middleware([AUTHENTICATION, MIDDLEWARE]) == [AUTHENTICATION, MIDDLEWARE]
        assert with_middleware(["a"]) == ["a"]
