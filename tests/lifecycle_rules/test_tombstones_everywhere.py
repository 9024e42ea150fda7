"""Whatever writes rows of sessions lays tombstones, or says here why it need not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import sessions_hub

ROOT = Path(sessions_hub.__file__).parent
# Ends announce themselves, which lays tombstones.
LAYS = {"lay", "_announce"}
# Function → why a copy of the row may stay.
NEED_NOT = {
    "lifecycle/anonymize.py: _batch": "of ended sessions alone, of which no copy says yes",
    "lifecycle/anonymize.py: write_addresses": "of ended sessions alone, as above",
    "lifecycle/audit.py: complete": "the admin's history is in no verdict",
    "lifecycle/erase.py: anonymizing_user": "its sessions have ended first, by end()",
    "lifecycle/erase.py: _delete_devices": "devices are in no verdict",
    "lifecycle/describe.py: describe_device": "devices are in no verdict",
    "lifecycle/describe.py: describe_session": "names and metadata are in no verdict",
    "lifecycle/devices.py: _refresh": "devices are in no verdict",
    "lifecycle/disown.py: disown": "its session is ended by end_row(), devices in no verdict",
    "lifecycle/endpoints.py: accept": "places of use are in no verdict",
    "lifecycle/failed_sign_ins.py: _add": "numbers of failures are in no verdict",
    "lifecycle/forget.py: forget_device": "its sessions are ended by end(), devices in no verdict",
    "lifecycle/impersonated.py: touch_own": "it only gives the session more time",
    "lifecycle/endpoints.py: see_again": "places of use are in no verdict",
    "lifecycle/provider_record.py: forget_provider": "provider tokens are in no verdict",
    "lifecycle/provider_record.py: record_grant": "provider tokens are in no verdict",
    "lifecycle/rekey.py: _write": "provider tokens are in no verdict",
    "lifecycle/reparse.py: _write_unmoved": "clients and places are in no verdict",
    "lifecycle/tenants.py: switch_tenant": "tenants are in no verdict",
    "lifecycle/tokens.py: replace_secret": "no copy is believed of a token's session",
    "lifecycle/tokens.py: rotate_token": "no copy is believed of a token's session",
    "lifecycle/touch.py: _see_daily": "devices are in no verdict",
}


def writers() -> Iterator[tuple[str, bool]]:
    """The functions that call an `update()` of rows, and whether they lay tombstones."""
    for path in (*ROOT.glob("lifecycle/*.py"), ROOT / "models" / "querysets.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            called = {
                getattr(call.func, "attr", getattr(call.func, "id", ""))
                for call in ast.walk(node)
                if isinstance(call, ast.Call) and not _is_of_a_mapping(call)
            }
            if called & {"update", "bulk_update"}:
                yield f"{path.relative_to(ROOT)}: {node.name}", bool(called & LAYS)


def _is_of_a_mapping(call: ast.Call) -> bool:
    # Rows are updated by keywords, dictionaries by a positional argument.
    return getattr(call.func, "attr", "") == "update" and bool(call.args)


def test_every_writer_lays_tombstones_or_need_not():
    found = dict(writers())
    assert len(found) > 10
    assert {name for name, lays in found.items() if not lays} == set(NEED_NOT)
