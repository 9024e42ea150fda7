"""exportsessions writes all of one user and nothing else, where nobody else reads it."""

from __future__ import annotations

import json
import os
import stat

import pytest

from sessions_hub.lifecycle.guard import database
from sessions_hub.management import private_file
from tests.factories import make_device, make_session_device

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def rows(session):
    """Sessions of two users; the digests are of secrets."""
    for name, ip in (("ada", "192.0.2.1"), ("bob", "198.51.100.1")):
        row = session(name, ip=ip, credentials_digest=f"secret-{name}")
        make_session_device(row, make_device(row.user, name=f"laptop of {name}"))


def test_prints_all_of_one_user_and_nothing_else(run):
    said = run("exportsessions", "--user=ada")
    document = json.loads(said)
    assert document["user"]["username"] == "ada"
    (row,) = document["sessions"]
    assert row["ip"] == "192.0.2.1"
    assert row["authentication_methods"][0]["method"] == "password"
    assert [device["name"] for device in document["devices"]] == ["laptop of ada"]
    for word in ("bob", "198.51.100.1", "secret-"):
        assert word not in said
    # One line, as one document.
    assert said.count("\n") == 1


def test_writes_a_file_that_only_its_owner_reads(run, tmp_path):
    path = tmp_path / "ada.json"
    before = os.umask(0)
    try:
        said = run("exportsessions", "--user=ada", f"--output={path}")
    finally:
        os.umask(before)
    assert said == f"Wrote all that is stored of ada to {path}.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["user"]["username"] == "ada"
    assert list(tmp_path.iterdir()) == [path]


def test_never_writes_over_a_file_unless_told(run, stopped, tmp_path):
    path = tmp_path / "ada.json"
    path.write_text("precious")
    path.chmod(0o644)
    error = stopped("exportsessions", "--user=ada", f"--output={path}")
    assert (error.status, "add --force" in error.message) == (1, True)
    assert path.read_text() == "precious"
    run("exportsessions", "--user=ada", f"--output={path}", "--force")
    assert json.loads(path.read_text())["object"] == "personal_data"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_is_a_file_that_is_there(stopped, tmp_path):
    path = tmp_path / "link.json"
    path.symlink_to(tmp_path / "nowhere")
    assert stopped("exportsessions", "--user=ada", f"--output={path}").status == 1
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_was_made_meanwhile_is_left(run, stopped, tmp_path, monkeypatch):
    path = tmp_path / "ada.json"
    plain = os.link

    def late(*args):
        path.write_text("precious")
        return plain(*args)

    monkeypatch.setattr(private_file.os, "link", late)
    assert stopped("exportsessions", "--user=ada", f"--output={path}").status == 1
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


class TestWithoutHardLinks:
    """As on FAT, and on some network file systems."""

    @pytest.fixture(autouse=True)
    def no_links(self, monkeypatch):
        def refuse(*args, **options):
            raise OSError(1, "Operation not permitted")

        monkeypatch.setattr(private_file.os, "link", refuse)

    def test_the_file_is_as_private(self, run, tmp_path):
        path = tmp_path / "ada.json"
        run("exportsessions", "--user=ada", f"--output={path}")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert json.loads(path.read_text())["user"]["username"] == "ada"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_file_that_was_made_meanwhile_is_left(self, stopped, tmp_path, monkeypatch):
        path = tmp_path / "ada.json"

        def late(*args, **options):
            path.write_text("precious")
            raise OSError(1, "Operation not permitted")

        monkeypatch.setattr(private_file.os, "link", late)
        error = stopped("exportsessions", "--user=ada", f"--output={path}")
        assert "add --force" in error.message
        assert path.read_text() == "precious"
        assert list(tmp_path.iterdir()) == [path]

    def test_what_fails_leaves_nothing(self, stopped, tmp_path, monkeypatch):
        def refuse(*args, **options):
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(private_file.os, "replace", refuse)
        error = stopped("exportsessions", "--user=ada", f"--output={tmp_path / 'ada.json'}")
        assert "Input/output error" in error.message
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_what_fails_leaves_what_was_there(force, stopped, tmp_path, monkeypatch):
    path = tmp_path / "ada.json"
    if force:
        path.write_text("precious")

    def broken(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private_file.os, "fsync", broken)
    error = stopped("exportsessions", "--user=ada", f"--output={path}", *force)
    assert error.message == f"--output: {path} cannot be written: No space left on device."
    assert [one.read_text() for one in tmp_path.iterdir()] == ["precious"] * len(force)


def test_a_folder_that_is_not_there_is_told(stopped, tmp_path):
    error = stopped("exportsessions", "--user=ada", f"--output={tmp_path / 'no' / 'ada.json'}")
    assert (error.status, "No such file or directory" in error.message) == (1, True)


def test_a_user_who_is_not_there_is_told(stopped):
    assert "there is no user" in stopped("exportsessions", "--user=eve").message
    assert "--user" in stopped("exportsessions").message


def test_it_is_written_down(run, caplog, django_capture_on_commit_callbacks):
    caplog.set_level("INFO", "sessions_hub")
    with django_capture_on_commit_callbacks(using=database(), execute=True):
        run("exportsessions", "--user=ada")
    assert [one.event for one in caplog.records if hasattr(one, "via")] == ["staff.user_exported"]
