"""`manage.py demo` in a process of its own, as people run it."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.child_runs import CHILD_LIMIT

ROOT = Path(__file__).resolve().parents[2]
SIGN_INS = 17


def environment(database: Path, **more: str) -> dict[str, str]:
    """The environment of a shell in which only the example's database is named."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "example_project.settings",
        "HUB_EXAMPLE_DATABASE": str(database),
        "PYTHONIOENCODING": "utf-8",
        **more,
    }


def manage(database: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(database, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=CHILD_LIMIT,
        check=False,
    )


@contextmanager
def rows_of(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "demo.sqlite3"


@pytest.fixture(scope="module")
def output(database: Path) -> str:
    """What one whole run prints."""
    # As `manage.py check` leaves it, with some versions of Django: no reason to refuse.
    with rows_of(database) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.commit()
    run = manage(database, "demo", "--once")
    assert run.returncode == 0, run.stdout
    return run.stdout


@pytest.mark.slow
def test_once_keeps_every_promise_and_says_what_is_made_up(output: str) -> None:
    assert "Everything came out as promised." in output
    assert "places are made up" in output
    assert output.count(f"/{SIGN_INS}]") == SIGN_INS


@pytest.mark.slow
def test_ends_a_session_whose_very_next_request_is_anonymous(output: str) -> None:
    assert re.search(r"DELETE /api/sessions/[0-9a-f-]{36}/ → 204", output)
    assert "GET / → /accounts/login/" in output
    assert "GET /api/sessions/current/ → 401" in output


@pytest.mark.slow
def test_prints_one_line_per_session(output: str) -> None:
    table = output.partition("The sessions, newest first")[2].partition("Everything")[0]
    lines = [
        line
        for line in table.splitlines()
        if re.match(r"\s*(amelie|bruno|chiara|devi|emre|fumiko)\b", line)
    ]
    assert len(lines) == SIGN_INS
    (proven_twice,) = [line for line in lines if "aal2" in line]
    assert proven_twice.split()[0] == "chiara"
    assert "Safari" in proven_twice
    for word in ("Windows 11", "Pixel 9", "Firefox", "curl", "Opera", "Samsung"):
        assert word in table


@pytest.mark.slow
def test_stores_what_the_clients_sent(output: str, database: Path) -> None:
    with rows_of(database) as connection:
        sessions = connection.execute("SELECT * FROM sessions_hub_session").fetchall()
        proofs = connection.execute(
            "SELECT method FROM sessions_hub_authenticationmethod JOIN sessions_hub_session s "
            "ON s.id = session_id WHERE s.assurance_level = 2 ORDER BY completed_at"
        ).fetchall()
        places = connection.execute("SELECT COUNT(*) FROM sessions_hub_sessiondevice").fetchone()
    assert len(sessions) == len({row["user_agent"] for row in sessions}) == SIGN_INS
    assert len({(row["client_name"], row["client_version"]) for row in sessions}) >= 12
    assert len({row["country_code"] for row in sessions} - {""}) >= 6
    assert len({row["ip"] for row in sessions}) >= 6
    assert [row["assurance_level"] for row in sessions].count(2) == 1
    assert [proof["method"] for proof in proofs] == ["password", "totp"]
    ended = sorted(row["end_reason"] for row in sessions if row["ended_at"])
    assert ended == ["revoked_by_user", "signed_out"]
    assert places[0] == SIGN_INS + 4


@pytest.mark.slow
def test_serves_until_interrupted_and_takes_its_server_along(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        cwd=ROOT,
        env=environment(tmp_path / "demo.sqlite3"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        # Interrupted alone, as by `kill`: nobody else ends its server for it.
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "until Ctrl-C" in line:
                break
        text = "".join(lines)
        assert "until Ctrl-C" in text, text
        port = int(re.search(r"http://127\.0\.0\.1:(\d+)/", text)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
        second = manage(tmp_path / "demo.sqlite3", "demo", "--once")
        assert second.returncode == 1
        assert "Another demo is running" in second.stdout
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait(CHILD_LIMIT) == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    assert re.search(r"^ +amelie +[0-9a-f]{16} ", text, re.MULTILINE), text


@pytest.mark.slow
def test_a_history_comes_before_the_story_and_breaks_none_of_its_promises(tmp_path: Path) -> None:
    database = tmp_path / "demo.sqlite3"
    run = manage(database, "demo", "--once", "--history", "--sessions=100")
    assert run.returncode == 0, run.stdout
    assert "that never happened" in run.stdout
    assert "demo-user-" not in run.stdout.partition("The sessions, newest first")[2]
    with rows_of(database) as connection:
        made_up, all_of_them = connection.execute(
            "SELECT SUM(metadata LIKE '%made_up%'), COUNT(*) FROM sessions_hub_session"
        ).fetchone()
    assert all_of_them - made_up == SIGN_INS
    assert made_up > 50
    again = manage(database, "demohistory")
    assert again.returncode == 0
    assert "nothing was added" in again.stdout


@pytest.mark.parametrize("number", ["99", "100001", "-1", "many"])
def test_refuses_a_history_that_is_too_small_or_large(tmp_path: Path, number: str) -> None:
    run = manage(tmp_path / "demo.sqlite3", "demo", "--history", f"--sessions={number}")
    assert run.returncode == 2
    assert "is no number from 100 to 100000" in run.stdout


def test_spares_a_database_it_did_not_make(tmp_path: Path) -> None:
    database = tmp_path / "valuable.sqlite3"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE precious (id INTEGER)")
    before = database.read_bytes()
    run = manage(database, "demo", "--once")
    assert run.returncode == 1
    assert "was not made by the demo" in run.stdout
    assert database.read_bytes() == before


@pytest.mark.parametrize("content", [b"notes of my own\n", b"SQLite format 3\0" + bytes(40)])
def test_spares_a_file_that_is_no_whole_database(tmp_path: Path, content: bytes) -> None:
    database = tmp_path / "notes.txt"
    database.write_bytes(content)
    run = manage(database, "demo", "--once")
    assert run.returncode == 1
    assert "was not made by the demo" in run.stdout
    assert database.read_bytes() == content


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("DATABASES['default']['ENGINE'] = 'django.db.backends.dummy'", "SQLite file of its"),
        ("DATABASES['default']['NAME'] = 'elsewhere.sqlite3'", "not the demo's own"),
        ("DEBUG = False", "without HUB_EXAMPLE_DEPLOY"),
    ],
)
def test_runs_under_no_other_settings(tmp_path: Path, lines: str, message: str) -> None:
    (tmp_path / "other.py").write_text(f"from example_project.settings import *\n{lines}\n")
    database = tmp_path / "demo.sqlite3"
    run = manage(
        database, "demo", "--once", DJANGO_SETTINGS_MODULE="other", PYTHONPATH=str(tmp_path)
    )
    assert run.returncode == 1
    assert message in run.stdout
    assert not database.exists()


@pytest.mark.parametrize("port", ["-1", "65536", "http", "80.5"])
def test_refuses_what_is_no_port(tmp_path: Path, port: str) -> None:
    run = manage(tmp_path / "demo.sqlite3", "demo", f"--port={port}")
    assert run.returncode == 2
    assert "is not a port" in run.stdout
