"""The site the examples are tried on: `manage.py demo`, as readers start it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from base64 import b32decode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django_otp.oath import totp

from tests.child_runs import CHILD_LIMIT
from tests.conftest import need
from tests.example.test_demo import environment

from .pages import ROOT, Example

# Of `--json`.
OLDEST_CURL = (7, 82)
_END = "\x1e"


@dataclass(frozen=True)
class Answer:
    """What a command wrote, how it ended, and the statuses of its requests."""

    text: str
    exit_status: int
    statuses: list[int]


@dataclass(frozen=True)
class Site:
    """A running demo; `variables` is the line it prints to be pasted into a shell.

    `half_minute` counts the steps of authenticator apps: the one in which its story ended.
    """

    variables: str
    seed: bytes
    half_minute: int

    def code(self) -> str:
        """What the app shows once the demo's own code is used up.

        A code of the half minute to come is not always taken: the device follows the drift
        of whoever typed the one before at the very end of its time.
        """
        while half_minute() <= self.half_minute:
            time.sleep(0.2)
        return f"{totp(self.seed):06d}"

    def run(self, examples: list[Example], folder: Path, address: str) -> list[Answer]:
        """The answers to one page's commands, typed one after the other into one shell."""
        # Every page's visitor has an address of their own, for what is counted by address.
        (folder / ".curlrc").write_text(
            f'silent\nshow-error\nheader = "X-Forwarded-For: {address}"\n'
            'write-out = "%{stderr}status %{http_code}\\n"\n'
        )
        code = ""
        if any("$CODE" in one.command for one in examples):
            code = f"CODE={self.code()}"
        ends = f'it=$?; printf "{_END}%d{_END}" $it; printf "{_END}" >&2'
        typed = [f"{one.command}\n{ends}" for one in examples]
        done = subprocess.run(
            ["bash", "-c", "\n".join([self.variables, code, *typed])],
            cwd=folder,
            env={"HOME": str(folder), "PATH": environment(folder)["PATH"]},
            capture_output=True,
            encoding="utf-8",
            timeout=CHILD_LIMIT,
            check=False,
        )
        parts = done.stdout.split(_END)[:-1]
        errors = done.stderr.split(_END)
        return [
            Answer(text, int(status), [int(one) for one in re.findall(r"status (\d{3})", error)])
            for text, status, error in zip(parts[::2], parts[1::2], errors, strict=False)
        ]


def half_minute() -> int:
    """The step of RFC 6238 that is now."""
    return int(time.time() // 30)


def curl_problem() -> str | None:
    """Why the examples cannot be run, or None."""
    if shutil.which("bash") is None or (curl := shutil.which("curl")) is None:
        return "curl and bash are needed for the examples of the documentation"
    told = subprocess.run([curl, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(map(int, re.findall(r"\d+", told)[:2]))
    return None if version >= OLDEST_CURL else f"curl 7.82 is needed, not {version}"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo that serves; skips or fails without curl."""
    need(curl_problem())
    folder = tmp_path_factory.mktemp("site")
    log = folder / "log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env=environment(folder / "demo.sqlite3"),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            while "Serving until" not in (
                text := log.read_text(encoding="utf-8", errors="replace")
            ):
                assert process.poll() is None, text
                time.sleep(0.1)
            (variables,) = re.findall(r"^ +(SITE=.*)$", text, re.MULTILINE)
            (secret,) = re.findall(r"secret for an app is ([A-Z2-7=]+)", text)
            yield Site(variables, b32decode(secret), half_minute())
        finally:
            process.terminate()
