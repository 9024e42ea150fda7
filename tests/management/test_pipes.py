"""A reader that goes away, as `head` does, is no reason to complain, nor to leave work undone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.db import connections

from sessions_hub.models import Session
from tests.child_runs import CHILD_LIMIT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

MAC = "Mac 10.9; Fox 9.1; desktop"
REPARSE = ("reparsesessions", "--backend=tests.parsers.Plain", "--batch-size=1")


@pytest.fixture(params=["", "1"], ids=["at the end", "at once"])
def unread(request):
    """Run a command whose output nobody reads; it notices at its end, or at once."""

    def unread(*arguments: str) -> tuple[int, str]:
        names = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
        read, write = os.pipe()
        os.close(read)
        try:
            ran = subprocess.run(
                [sys.executable, "-m", "django", *arguments],
                env={
                    **os.environ,
                    "DJANGO_SETTINGS_MODULE": "tests.settings",
                    "HUB_TEST_JOIN": json.dumps(names, default=str),
                    "PYTHONUNBUFFERED": request.param,
                },
                stdout=write,
                stderr=subprocess.PIPE,
                text=True,
                timeout=CHILD_LIMIT,
                check=False,
            )
        finally:
            os.close(write)
        return ran.returncode, ran.stderr

    return unread


@pytest.mark.parametrize(
    "arguments", [("listsessions",), ("listsessions", "--format=csv"), ("sessionstats",)]
)
def test_a_list_ends_without_a_word(arguments, session, unread):
    session()
    assert unread(*arguments) == (128 + signal.SIGPIPE, "")


def test_a_reparse_goes_on_to_its_end(session, unread):
    for _ in range(3):
        session(user_agent=MAC)
    assert unread(*REPARSE) == (0, "")
    assert list(Session.objects.values_list("os_name", flat=True)) == ["Mac"] * 3


def test_a_reparse_still_tells_of_a_failure(session, unread):
    session(user_agent="broken")
    status, said = unread(*REPARSE)
    assert status == 1
    assert said.startswith("CommandError: Rows whose client could not be parsed")
    assert said.count("\n") == 1


def test_a_pipe_of_the_caller_is_the_callers(session):
    class Closed:
        def write(self, text: str) -> None:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        call_command("listsessions", stdout=Closed())
