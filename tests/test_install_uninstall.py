"""Nobody is signed out by installing the hub, by a rollout half done, or by removing it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.child_runs import CHILD_LIMIT

ROOT = Path(__file__).resolve().parent.parent


class Site:
    """A site of its own, run in processes of its own."""

    def __init__(self, database: dict[str, object], folder: Path) -> None:
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SITE_DATABASE": json.dumps(database),
            "SITE_FILES": str(folder),
        }

    def manage(self, *arguments: str, hub: str = "app", status: int = 0) -> str:
        ran = subprocess.run(
            [sys.executable, "-m", "django", *arguments, "--settings", "tests.install_site"],
            cwd=ROOT,
            env={**self.environment, "SITE_HUB": hub},
            capture_output=True,
            text=True,
            timeout=CHILD_LIMIT,
            check=False,
        )
        assert ran.returncode == status, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    @contextmanager
    def worker(self, hub: str, engine: str = "db"):
        """A process that serves until the block ends: call(name, cookie) → answer."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.install_site"],
            cwd=ROOT,
            env={**self.environment, "SITE_HUB": hub, "SITE_ENGINE": engine},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

        def call(name: str, cookie: str = "") -> object:
            process.stdin.write(json.dumps([name, cookie]) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                pytest.fail(process.communicate(timeout=CHILD_LIMIT)[1])
            return json.loads(line)

        try:
            yield call
        finally:
            process.stdin.close()
            process.wait(timeout=CHILD_LIMIT)
            process.stdout.close()
            process.stderr.close()


@pytest.fixture
def site(tmp_path, django_db_blocker):
    """A site with a user and tables, without the hub."""
    with ExitStack() as stack:
        database = stack.enter_context(new_database(tmp_path, django_db_blocker))
        made = Site(database, tmp_path)
        made.manage("migrate", "--verbosity", "0", hub="no")
        yield made


@contextmanager
def new_database(tmp_path: Path, blocker):
    """The settings of an empty database on the server the tests run with."""
    given = {
        key: connection.settings_dict[key]
        for key in ("ENGINE", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    }
    if connection.vendor == "sqlite":
        given["OPTIONS"] = {"timeout": 10}
        yield {**given, "NAME": str(tmp_path / "site.sqlite3")}
        return
    name = f"{os.environ.get('HUB_TEST_NAME', 'sessions_hub')}_site"
    quoted = connection.ops.quote_name(name)
    with blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {quoted}")
        cursor.execute(f"CREATE DATABASE {quoted}")
    try:
        yield {**given, "NAME": name}
    finally:
        with blocker.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted}")


@pytest.mark.slow
def test_install_use_and_uninstall_sign_nobody_out(site):
    with site.worker("no") as old:
        old("make_user")
        before = old("sign_in")
        assert old("whoami", before) == "ada"

        # The app first; its tables are missing until they are made, and `migrate` says so.
        assert "sessions_hub.W051" in site.manage("check", "--database", "default", hub="yes")
        site.manage("migrate", "sessions_hub", "--verbosity", "0")
        assert "W051" not in site.manage("check", "--database", "default", hub="yes")

        # A rollout: workers with and without the hub serve the same visitors.
        with site.worker("yes") as new:
            assert new("whoami", before) == "ada"
            assert new("rows") == ["open"]
            assert old("whoami", before) == "ada"
            by_old, by_new = old("sign_in"), new("sign_in")
            assert [old("whoami", cookie) for cookie in (by_old, by_new)] == ["ada", "ada"]
            for cookie in (by_old, by_new, before, by_old, by_new):
                assert new("whoami", cookie) == "ada"
                assert old("whoami", cookie) == "ada"
            assert new("rows") == ["open"] * 3
    cookies = [before, by_old, by_new]

    # Another engine that keeps the keys: the same rows.
    with site.worker("yes", "cached_db") as cached:
        assert [cached("whoami", cookie) for cookie in cookies] == ["ada"] * 3
        ended = cached("sign_in")
        assert cached("rows") == ["open"] * 4
    with site.worker("yes") as new:
        assert [new("whoami", cookie) for cookie in [*cookies, ended]] == ["ada"] * 4
        assert new("rows") == ["open"] * 4

    # Removing it: the middleware, the tables, the app.
    with site.worker("app") as recording:
        assert [recording("whoami", cookie) for cookie in cookies] == ["ada"] * 3
    site.manage("migrate", "sessions_hub", "zero", "--verbosity", "0")
    with site.worker("no") as without:
        assert [without("whoami", cookie) for cookie in [*cookies, ended]] == ["ada"] * 4
        assert without("whoami", without("sign_in")) == "ada"


@pytest.mark.slow
def test_a_command_before_migrate_says_what_is_to_be_done(site):
    said = site.manage("listsessions", status=1)
    assert said.endswith(
        "\nCommandError: The database has no table sessions_hub_session. "
        "Run `manage.py migrate` first.\n"
    )
    assert "Traceback" not in said
    assert "Traceback" in site.manage("listsessions", "--traceback", status=1)
    assert "exit status:" in site.manage("listsessions", "--help")


@pytest.mark.slow
def test_an_old_worker_cannot_bring_an_ended_session_back(site):
    site.manage("migrate", "sessions_hub", "--verbosity", "0")
    with site.worker("no") as old, site.worker("yes") as new:
        old("make_user")
        cookie = old("sign_in")
        assert new("whoami", cookie) == "ada"
        assert new("end_all") == 1
        # It does not know better, and saves the session.
        assert old("whoami", cookie) == "ada"
        assert new("whoami", cookie) == ""
        assert old("whoami", cookie) == ""
        assert new("rows") == ["revoked_by_staff"]
