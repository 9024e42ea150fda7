"""No command prints a secret, and a dump has what is stored in its columns, and nothing else."""

from __future__ import annotations

import json
import pkgutil
from io import StringIO

import pytest
from django.core.management import call_command

from sessions_hub.lifecycle.guard import database
from sessions_hub.management import commands
from tests.credentials.shown import found_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

# Each command of the hub's, with whatever makes it print.
COMMANDS = {
    "exportsessions": [["--user=ada"]],
    "importsessions": [["--dry-run"], []],
    "listsessions": [
        [],
        ["--format=json"],
        ["--format=csv"],
        ["--user=ada", "--status=active"],
        ["--method=password", "--format=json"],
        ["--ids"],
    ],
    "sessionstats": [[], ["--format=json"], ["--days=7"]],
    "reparsesessions": [["--dry-run"], ["--relocate"], []],
    "rotatesessionkeys": [["--dry-run"], ["--format=json", "--dry-run"], ["--format=json"], []],
    "prunesessions": [["--dry-run"], ["--older-than=1s"], []],
    "sessionshealth": [[], ["--format=json"]],
    "anonymizesessions": [["--dry-run"], ["--older-than=1s"], ["--user=ada", "--dry-run"]],
    "endsessions": [["--user=ada", "--dry-run"], ["--all", "--dry-run"], ["--user=ada", "--yes"]],
}
# Where what is stored may stand in a dump: in these columns and nowhere else.
COLUMNS = {
    "sessions_hub.session": {"credentials_digest", "django_key_digest", "current_fingerprint"},
    "sessions_hub.device": {"key_digest"},
    "sessions_hub.sessiondevice": {"fingerprint"},
    "sessions_hub.sessiontoken": {"digest"},
    "sessions_hub.authenticationmethod": {"provider_access_token", "provider_refresh_token"},
    # Other packages' own: Django's session is found by its key, and codes are kept as they are.
    "sessions.session": {"pk"},
    "auth.user": {"password"},
    "users.uuiduser": {"password"},
    "users.stringuser": {"password"},
    "otp_totp.totpdevice": {"key"},
    "otp_static.statictoken": {"token"},
}


def printed(command: list[str]) -> str:
    out, err = StringIO(), StringIO()
    call_command(*command, verbosity=3, stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


def test_every_command_is_run():
    assert {one.name for one in pkgutil.iter_modules(commands.__path__)} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_none_prints_one(name, used):
    said = [printed([name, *arguments]) for arguments in COMMANDS[name]]
    assert all(said[:1])
    assert used.seeds.named(found_in("\n".join(said), used.seeds.all)) == set()


def test_a_dump_has_them_in_their_columns_alone(used):
    aliases = {"default", database()}
    rows = []
    for alias in aliases:
        out = StringIO()
        call_command("dumpdata", stdout=out, database=alias)
        rows += json.loads(out.getvalue())
    seen: dict[str, set[str]] = {}
    opening = set()
    for row in rows:
        for column, value in {"pk": row["pk"], **row["fields"]}.items():
            found = used.seeds.named(found_in(json.dumps(value), used.seeds.all))
            if found:
                seen.setdefault(row["model"], set()).add(column)
            if row["model"].startswith("sessions_hub"):
                opening |= found & used.seeds.plain.keys()
    assert {model: columns - COLUMNS.get(model, set()) for model, columns in seen.items()} == {
        model: set() for model in seen
    }
    # What opens something is in no column of ours.
    assert opening == set()
    assert {"sessions_hub.sessiontoken", "sessions_hub.authenticationmethod"} <= seen.keys()


def test_a_dump_of_the_hub_alone_opens_nothing(used):
    out = StringIO()
    call_command("dumpdata", "sessions_hub", stdout=out, database=database(), indent=2)
    assert used.seeds.stored["password hash"] not in out.getvalue()
    keys = [one for name, one in used.seeds.stored.items() if ".session_key" in name]
    assert keys
    assert found_in(out.getvalue(), [*used.seeds.plain.values(), *keys]) == []
