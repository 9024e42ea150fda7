"""Who acts as another user connects and disconnects no account elsewhere."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import sentinel
from uuid import UUID

import pytest

from sessions_hub import providers
from sessions_hub.lifecycle import ImpersonationDenied
from sessions_hub.lifecycle.state import RequestState, serve

NEW = SimpleNamespace(_state=SimpleNamespace(adding=True))
OLD = SimpleNamespace(_state=SimpleNamespace(adding=False))
BEHIND = SimpleNamespace(impersonation_id=UUID(int=7))


@pytest.fixture(params=[BEHIND, None], ids=["acting", "oneself"])
def held(request):
    state = RequestState()
    state.suspended = request.param
    state.row = sentinel.row
    before = serve(state)
    yield request.param is not None
    serve(before)


def is_refused(receiver, **kwargs) -> bool:
    try:
        receiver(sentinel.sender, **kwargs)
    except ImpersonationDenied:
        return True
    return False


def test_one_is_not_connected(held):
    assert is_refused(providers.on_account_saving, instance=NEW) is held


def test_one_that_is_used_is_saved(held):
    assert not is_refused(providers.on_account_saving, instance=OLD)


def test_one_is_not_disconnected(held):
    assert is_refused(providers.on_account_deleting) is held
