"""Django's test runner, which lets excluded tests fail, and only lets them fail."""

from __future__ import annotations

import json
import os
import unittest
from pathlib import Path
from typing import Any

from django.test.runner import DiscoverRunner

from . import exclusions

MOST = 0.02


class Result(unittest.TextTestResult):
    """Keeps excluded failures apart, and notes excluded tests that pass."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.excluded = exclusions.current()
        self.excused: list[str] = []
        self.failed_subtests: set[str] = set()
        self.not_found = set(self.excluded)
        self.passed_anyway: list[str] = []

    def startTest(self, test: Any) -> None:
        self.not_found.discard(test.id())
        super().startTest(test)

    def addFailure(self, test: Any, err: Any) -> None:
        if not self._excuse(test):
            super().addFailure(test, err)

    def addError(self, test: Any, err: Any) -> None:
        if not self._excuse(test):
            super().addError(test, err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        if err is None or not self._excuse(test):
            super().addSubTest(test, subtest, err)
        else:
            self.failed_subtests.add(test.id())

    def addSuccess(self, test: Any) -> None:
        if test.id() in self.excluded and test.id() not in self.failed_subtests:
            self.passed_anyway.append(test.id())
        super().addSuccess(test)

    def _excuse(self, test: Any) -> bool:
        name = test.id()
        if name not in self.excluded:
            return False
        if name not in self.excused:
            self.excused.append(name)
        return True


class Runner(DiscoverRunner):
    """Fails when a test does, when an excluded one passes or is gone, when too many are."""

    def get_resultclass(self) -> type[unittest.TextTestResult]:
        return Result

    def suite_result(self, suite: Any, result: Any, **kwargs: Any) -> int:
        excused, passed = len(result.excused), len(result.passed_anyway)
        too_many = excused > MOST * result.testsRun
        for name in result.passed_anyway:
            self.log(f"EXCLUDED, BUT PASSES: {name}")
        for name in sorted(result.not_found):
            self.log(f"EXCLUDED, BUT NOT FOUND: {name}")
        if too_many:
            self.log(f"TOO MANY EXCLUDED: {excused} of {result.testsRun}")
        failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
        counts = {
            "run": result.testsRun,
            "failed": failed,
            "skipped": len(result.skipped),
            "excluded": excused,
            "excluded_but_pass": passed,
        }
        print(", ".join(f"{name}: {count}" for name, count in counts.items()))
        if path := os.environ.get("HUB_SUITES_FAILED"):
            names = [test.id() for test, _text in (*result.failures, *result.errors)]
            Path(path).write_text(json.dumps(sorted(names), indent=1), encoding="utf-8")
        return failed + passed + len(result.not_found) + too_many + (result.testsRun == 0)
