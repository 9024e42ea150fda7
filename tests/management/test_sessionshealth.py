"""sessionshealth: what it prints, and what its exit status says."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from sessions_hub.health import Status
from sessions_hub.health.run import Result

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
COMMAND = "sessions_hub.management.commands.sessionshealth"


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("sessionshealth", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.parametrize(
    ("status", "code"),
    [(Status.OK, 0), (Status.OFF, 0), (Status.DEGRADED, 1), (Status.FAILING, 2)],
)
def test_the_exit_status_is_that_of_monitoring_plugins(monkeypatch, status, code):
    results = [Result("cache", status, "found this", "do that", 7)]
    monkeypatch.setattr(f"{COMMAND}.check", lambda names, timeout: results)
    found, said = run()
    assert found == code
    assert "found this" in said
    assert "cache: do that" in said
    found, said = run("--format=json")
    assert found == code
    assert json.loads(said)["checks"][0]["milliseconds"] == 7


def test_it_looks_at_all_or_at_what_is_named():
    code, said = run("--format=json")
    assert (code, json.loads(said)["status"]) == (0, "ok")
    _code, said = run("--format=json", "--only=database", "--only=hash_keys", "--timeout=10")
    assert [one["name"] for one in json.loads(said)["checks"]] == ["database", "hash_keys"]


def test_a_name_there_is_not_is_an_error():
    with pytest.raises(CommandError):
        call_command("sessionshealth", only=["nothing"])
