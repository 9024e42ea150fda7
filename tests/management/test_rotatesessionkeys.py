"""rotatesessionkeys: every token comes under the first key, however often a run is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connections

from sessions_hub.credentials.encryption import decrypt, key_id_of, place_of
from sessions_hub.credentials.keys import key_of, key_ring
from sessions_hub.lifecycle import record_provider, rekey
from sessions_hub.lifecycle.guard import database
from sessions_hub.lifecycle.provider_record import TOKEN_COLUMNS
from sessions_hub.management import progress
from sessions_hub.management.commands import rotatesessionkeys
from sessions_hub.models import AuthenticationMethod
from tests.child_runs import CHILD_LIMIT
from tests.credentials.keys import FIRST, SECOND, THIRD
from tests.lifecycle.faults import locked_for_writing, second_connection

pytestmark = pytest.mark.django_db(databases="__all__")

COMMAND = "rotatesessionkeys"


@pytest.fixture
def give(session, settings):
    """A proof with the tokens of this number, under these keys."""

    def give(number: int, *keys: str, refresh: bool = True) -> AuthenticationMethod:
        settings.SESSIONS_HUB_ENCRYPTION_KEYS = list(keys or [FIRST])
        pk = record_provider(
            session(methods=("oidc",)),
            "company",
            "4711",
            access_token=f"access-{number}",
            refresh_token=f"refresh-{number}" if refresh else "",
        )
        settings.SESSIONS_HUB_ENCRYPTION_KEYS = [SECOND, FIRST]
        return AuthenticationMethod.objects.get(pk=pk)

    return give


def tokens() -> list[tuple[str, str]]:
    """What every proof holds, read under the keys of now, in the order of ids."""
    return [
        tuple(
            decrypt(stored, place_of(AuthenticationMethod, row.pk, name), key_ring())
            if (stored := getattr(row, name))
            else ""
            for name in TOKEN_COLUMNS
        )
        for row in AuthenticationMethod.objects.order_by("pk")
    ]


def keys_in_use() -> Counter[str]:
    names = {key_of(text).id: text for text in (FIRST, SECOND, THIRD)}
    rows = AuthenticationMethod.objects.values_list(*TOKEN_COLUMNS)
    return Counter(names[key_id_of(stored)] for row in rows for stored in row if stored)


def numbers(said: str) -> dict[str, int]:
    """The printed table."""
    lines = said.splitlines()
    below = lines[next(n for n, line in enumerate(lines) if line.startswith("---")) + 1 :]
    return {line.rpartition("  ")[0].strip(): int(line.split()[-1]) for line in below if line}


def refused(run, *arguments: str) -> CommandError:
    with pytest.raises(CommandError) as raised:
        run(COMMAND, *arguments)
    return raised.value


def test_every_token_comes_under_the_first_key_and_stays_the_same(give, session, run):
    for number in range(3):
        give(number)
    give(3, SECOND)
    give(4, refresh=False)
    session(methods=("password",))
    before = tokens()
    assert numbers(run(COMMAND, "--batch-size=2")) == {
        "encrypted anew": 7,
        "under the first key already": 2,
        "left, others were at work on them": 0,
        "unreadable": 0,
    }
    assert keys_in_use() == {SECOND: 9}
    assert tokens() == before
    assert before[4] == ("access-4", "")
    assert numbers(run(COMMAND))["encrypted anew"] == 0


def test_afterwards_the_older_key_may_go(give, run, settings):
    give(0)
    run(COMMAND)
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = [SECOND]
    assert tokens() == [("access-0", "refresh-0")]


def test_nothing_but_the_two_columns_changes(give, run):
    give(0)
    (before,) = AuthenticationMethod.objects.values()
    run(COMMAND)
    (after,) = AuthenticationMethod.objects.values()
    assert {name for name in before if before[name] != after[name]} == set(TOKEN_COLUMNS)


def test_a_dry_run_says_the_same_and_writes_nothing(give, run):
    give(0)
    give(1, THIRD)
    before = list(AuthenticationMethod.objects.values())
    assert "key is not in SESSIONS_HUB_ENCRYPTION_KEYS: 2" in str(refused(run, "--dry-run"))
    assert list(AuthenticationMethod.objects.values()) == before


def test_an_unknown_key_is_named_with_its_tokens_and_the_rest_goes_on(give):
    for number, key in enumerate([THIRD, FIRST, THIRD, FIRST]):
        give(number, key)
    out = StringIO()
    with pytest.raises(CommandError) as raised:
        call_command(COMMAND, "--batch-size=1", stdout=out)
    assert raised.value.returncode == 1
    assert "Keep the older keys until this command ends with 0." in str(raised.value)
    assert numbers(out.getvalue())[f"unknown key {key_of(THIRD).id}"] == 4
    assert keys_in_use() == {THIRD: 4, SECOND: 4}


@pytest.mark.parametrize("value", ["s3cr3t-in-the-clear", "v1.AAAAAAAAAAA.x.y"])
def test_what_is_no_ciphertext_is_counted_and_not_shown(give, value):
    row = give(0)
    AuthenticationMethod.objects.filter(pk=row.pk).update(provider_access_token=value)
    out = StringIO()
    with pytest.raises(CommandError) as raised:
        call_command(COMMAND, stdout=out)
    assert raised.value.returncode == 1
    assert value not in out.getvalue() + str(raised.value)
    assert numbers(out.getvalue())["unreadable"] == 1
    row.refresh_from_db()
    assert row.provider_access_token == value
    # The other column of the row is done all the same.
    assert key_id_of(row.provider_refresh_token) == key_of(SECOND).id


def test_a_token_moved_from_another_row_is_unreadable(give, run):
    one, other = give(0), give(1)
    AuthenticationMethod.objects.filter(pk=one.pk).update(
        provider_access_token=other.provider_access_token
    )
    assert "no ciphertexts: 1" in str(refused(run))


def test_as_json_it_prints_the_numbers_and_nothing_else(give):
    give(0)
    give(1, THIRD)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command(COMMAND, "--format=json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "dry_run": False,
        "read": 4,
        "rotated": 2,
        "current": 0,
        "left": 0,
        "unreadable": 0,
        "unknown_keys": {key_of(THIRD).id: 2},
    }


@pytest.mark.parametrize(
    ("keys", "said"),
    [([], "there is no key to encrypt under"), ([SECOND, "hush-hush"], "is too short")],
)
def test_without_a_good_key_it_does_nothing(give, run, settings, keys, said):
    give(0)
    settings.SESSIONS_HUB_ENCRYPTION_KEYS = keys
    error = refused(run)
    assert error.returncode == 1
    assert said in str(error)
    assert "hush" not in str(error)


@pytest.mark.parametrize("options", [["--batch-size=0"], ["--sleep=-1"], ["--format=xml"]])
def test_a_wrong_option_is_told(options, run):
    with pytest.raises(CommandError):
        run(COMMAND, *options)


def test_the_time_it_may_take_ends_it_and_the_next_run_does_the_rest(give, run):
    for number in range(3):
        give(number)
    error = refused(run, "--batch-size=1", "--max-seconds=0")
    assert (error.returncode, str(error)) == (
        3,
        "The time was up before the end. What is done is done. Run again for the rest.",
    )
    assert keys_in_use() == {SECOND: 2, FIRST: 4}
    run(COMMAND)
    assert keys_in_use() == {SECOND: 6}


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_it_between_two_batches(number, status, give, run, monkeypatch):
    for one in range(3):
        give(one)
    plain = rekey.rekey

    def interrupted(**options):
        for tally in plain(**options):
            os.kill(os.getpid(), number)
            yield tally

    monkeypatch.setattr(rotatesessionkeys, "rekey", interrupted)
    error = refused(run, "--batch-size=1", "--sleep=30")
    assert error.returncode == status
    assert keys_in_use() == {SECOND: 2, FIRST: 4}


def test_a_fault_of_the_database_is_told_with_what_was_done(give, run, monkeypatch):
    give(0)
    plain = rekey.rekey

    def broken(**options):
        yield next(plain(**options))
        raise DatabaseError("gone away")

    monkeypatch.setattr(rotatesessionkeys, "rekey", broken)
    assert str(refused(run)).startswith("The database failed: gone away\nWhat is done is done")


def test_a_fault_that_is_no_lock_is_not_taken_for_one(give, monkeypatch):
    give(0)

    def broken(*args):
        raise OperationalError("disk full")

    monkeypatch.setattr(rekey, "bounded_write", broken)
    with pytest.raises(OperationalError):
        list(rekey.rekey())


def test_its_progress_is_told(give, run, monkeypatch):
    monkeypatch.setattr(progress, "LOG_EVERY", 0)
    for number in range(2):
        give(number)
    said = run(COMMAND, "--batch-size=1")
    assert "Read 2, encrypted anew 2\nRead 4, encrypted anew 4\n" in said


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestBesideOthers:
    def test_a_token_that_was_replaced_meanwhile_is_left(self, give, run, monkeypatch):
        row = give(0)
        real = rekey._write

        def overtaken(changes, alias):
            AuthenticationMethod.objects.filter(pk=row.pk).update(provider_access_token="newer")
            return real(changes, alias)

        monkeypatch.setattr(rekey, "_write", overtaken)
        assert "at work on: 2. Run again." in str(refused(run))
        row.refresh_from_db()
        assert row.provider_access_token == "newer"

    @pytest.mark.locks
    def test_a_locked_row_is_left_and_holds_up_no_other(self, give, run):
        rows = [give(number) for number in range(3)]
        table = AuthenticationMethod._meta.db_table
        pk = rows[1].pk
        raw = pk.hex if connections[database()].vendor == "mysql" else str(pk)
        with second_connection() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(f"SELECT id FROM {table} WHERE id = %s FOR UPDATE", [raw])
            error = refused(run)
            cursor.execute("ROLLBACK")
        assert "at work on: 2. Run again." in str(error)
        assert keys_in_use() == {SECOND: 4, FIRST: 2}
        run(COMMAND)
        assert keys_in_use() == {SECOND: 6}

    @pytest.mark.slow
    def test_a_locked_table_is_no_failure(self, give, run):
        give(0)
        with locked_for_writing(AuthenticationMethod._meta.db_table):
            error = refused(run)
        assert "at work on: 2. Run again." in str(error)
        assert keys_in_use() == {FIRST: 2}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.parametrize(("updates", "done"), [(0, 0), (1, 0), (3, 4), (4, 8)])
def test_killed_in_the_middle_of_a_batch_it_is_finished_by_the_next_run(give, run, updates, done):
    for number in range(5):
        give(number)
    before = tokens()
    names = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    killed = subprocess.run(
        [sys.executable, "-m", "tests.management.killed_rotation", str(updates)],
        env={**os.environ, "HUB_TEST_JOIN": json.dumps(names, default=str)},
        capture_output=True,
        text=True,
        timeout=CHILD_LIMIT,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    # Whole batches of two rows, and nothing of the one it died in.
    assert keys_in_use() == Counter({SECOND: done, FIRST: 10 - done})
    assert tokens() == before
    assert numbers(run(COMMAND)) == {
        "encrypted anew": 10 - done,
        "under the first key already": done,
        "left, others were at work on them": 0,
        "unreadable": 0,
    }
    assert keys_in_use() == {SECOND: 10}
    assert tokens() == before
