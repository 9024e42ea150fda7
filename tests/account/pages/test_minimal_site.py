"""The pages need nothing of a site but Django's sessions, its users and this app."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.child_runs import CHILD_LIMIT

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_the_pages_work_on_a_site_with_hardly_anything_in_it():
    program = [sys.executable, "tests/account/pages/minimal_site.py"]
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"}
    done = subprocess.run(
        program, cwd=ROOT, env=env, capture_output=True, text=True, timeout=CHILD_LIMIT
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answers = json.loads(done.stdout.splitlines()[-1])
    seen = [answers.pop(name) for name in list(answers) if isinstance(answers[name], list)]
    assert seen == [[200, "DENY"]] * 6
    assert answers == {
        "without a token": 403,
        "with a token": 200,
        "said": True,
        "the other": 302,
    }
