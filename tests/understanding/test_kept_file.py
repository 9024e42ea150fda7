"""A kept file is opened when it has come to rest, and only then takes the old one's place."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from sessions_hub.understanding import kept_file
from sessions_hub.understanding.kept_file import RETRY_INTERVAL, STAT_INTERVAL, KeptFile

from .clock import Clock


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = Clock()
    clock.rule(monkeypatch)
    return clock


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "file"
    path.write_text("old")
    return path


@pytest.fixture
def file(path) -> KeptFile[str]:
    return KeptFile(str(path), lambda name: Path(name).read_text())


def test_it_is_looked_at_every_few_seconds_at_most(file, path, clock, monkeypatch) -> None:
    looks = []
    monkeypatch.setattr(
        kept_file, "_signature", lambda name: looks.append(name) or (1, 1, 1, len(looks) > 99)
    )
    for _ in range(int(STAT_INTERVAL)):
        assert file.content() == "old"
        clock.now += 1
    # Two of them around the opening.
    assert len(looks) == 2
    file.content()
    assert len(looks) == 3


def test_a_changed_file_is_left_alone_until_a_look_finds_it_as_it_was(file, path, clock) -> None:
    assert file.content() == "old"
    for text in ("n", "ne", "new"):
        path.write_text(text)
        clock.now += STAT_INTERVAL
        assert file.content() == "old"
    clock.now += STAT_INTERVAL
    assert file.content() == "new"


def test_a_first_file_is_opened_at_once(file, path, clock) -> None:
    path.unlink()
    assert file.content() is None
    path.write_text("new")
    clock.now += STAT_INTERVAL
    assert file.content() == "new"


def touched(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def of_another_inode(path: Path) -> None:
    other = path.with_suffix(".other")
    other.write_text("new")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    os.replace(other, path)


def with_its_old_time(path: Path) -> None:
    """As `cp -p` leaves it: the same file, size and time of writing."""
    before = path.stat()
    # Older kernels count the time of a change in steps of some milliseconds.
    while path.stat().st_ctime_ns == before.st_ctime_ns:
        path.write_text("new")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("change", [touched, of_another_inode, with_its_old_time])
def test_every_change_is_noticed(file, path, clock, change) -> None:
    opened = []
    file._opener = lambda name: opened.append(name) or len(opened)
    assert file.content() == 1
    change(path)
    clock.look_again(file.content)
    assert file.content() == 2


@pytest.mark.parametrize("number", range(4))
def test_the_time_the_change_the_inode_and_the_size_all_count(
    file, clock, monkeypatch, number
) -> None:
    found = [1, 1, 1, 1]
    monkeypatch.setattr(kept_file, "_signature", lambda _: tuple(found))
    opened = []
    file._opener = lambda name: opened.append(name) or len(opened)
    assert file.content() == 1
    found[number] += 1
    clock.look_again(file.content)
    assert file.content() == 2


def test_the_signature_is_made_of_the_stat(path) -> None:
    found = path.stat()
    assert kept_file._signature(str(path)) == (
        found.st_mtime_ns,
        found.st_ctime_ns,
        found.st_ino,
        found.st_size,
    )


def test_a_file_that_changes_while_it_is_read_is_not_used(file, path, clock, caplog) -> None:
    def read(name: str) -> str:
        text = Path(name).read_text()
        if text == "old":
            path.write_text("newer")
        return text

    file._opener = read
    assert file.content() is None
    assert "it changed while it was read" in caplog.text
    clock.now += STAT_INTERVAL
    assert file.content() == "newer"


def test_a_refused_file_is_tried_again_after_a_while_or_when_it_changes(file, path, clock) -> None:
    tries = []

    def read(name: str) -> str:
        tries.append(name)
        raise OSError("busy")

    file._opener = read
    for later, expected in ((0, 1), (RETRY_INTERVAL - 1, 1), (1, 1), (STAT_INTERVAL - 1, 2)):
        clock.now += later
        assert file.content() is None
        assert len(tries) == expected
    path.write_text("changed")
    clock.now += STAT_INTERVAL
    file.content()
    assert len(tries) == 3


@pytest.mark.parametrize("optional", [True, False])
def test_a_missing_file_is_said_unless_it_is_optional(file, path, caplog, optional) -> None:
    path.unlink()
    assert file.content(optional=optional) is None
    assert bool(caplog.records) is not optional


def test_an_optional_file_that_is_broken_is_said(file, caplog) -> None:
    def refuse(name: str) -> str:
        raise ValueError("broken")

    file._opener = refuse
    assert file.content(optional=True) is None
    assert "broken" in caplog.text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_while_the_file_is_opened_leaves_it_usable_in_the_child(file) -> None:
    with file._lock:
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            os._exit(0 if file.content() == "old" else 1)
    assert os.waitpid(child, 0)[1] == 0
