"""The router of docs/scaling.md: verdicts from the primary, lists of the admin from a replica."""

from __future__ import annotations

import inspect

from tests.child_runs import ROOT, passes
from tests.routers import ReplicaRouter


def test_the_page_shows_the_router_that_is_tested():
    page = (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
    assert inspect.getsource(ReplicaRouter) in page


def test_each_face_asks_the_database_the_page_says():
    options = ("--ds", "tests.replica_settings")
    passes("tests/replica", *options, name="late", at_least=8)
