"""Alerts left to a worker, where Django has tasks (6.0) and TASKS names a backend with one."""

from __future__ import annotations

import json

import pytest
from django.utils.module_loading import import_string

from sessions_hub.models import SessionDevice

from .alerting import sign_in_from
from .places import VIENNA

pytest.importorskip("django.tasks")
from django.tasks import TaskResult, TaskResultStatus
from django.tasks.backends.base import BaseTaskBackend

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

QUEUE: list[str] = []


class QueueBackend(BaseTaskBackend):
    """Keeps tasks as text, as one that stores them in a database does."""

    def enqueue(self, task, args, kwargs):
        self.validate_task(task)
        QUEUE.append(json.dumps({"path": task.module_path, "args": args, "kwargs": kwargs}))
        return TaskResult(
            task=task,
            id="1",
            status=TaskResultStatus.READY,
            enqueued_at=None,
            started_at=None,
            finished_at=None,
            last_attempted_at=None,
            args=args,
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )


class FullBackend(QueueBackend):
    """A queue that takes nothing."""

    def enqueue(self, task, args, kwargs):
        raise ConnectionError("no broker")


def work() -> None:
    """What a worker does: all it has is the text."""
    while QUEUE:
        task = json.loads(QUEUE.pop())
        import_string(task["path"]).call(*task["args"], **task["kwargs"])


@pytest.fixture(autouse=True)
def empty_queue(alert_site, settings):
    QUEUE.clear()
    settings.TASKS = {"default": {"BACKEND": f"{__name__}.QueueBackend"}}
    settings.SESSIONS_HUB_ALERTS = ["country"]


def test_a_worker_sends_the_mail(traveller, mailoutbox):
    sign_in_from(VIENNA)
    assert mailoutbox == []
    assert len(QUEUE) == 1
    work()
    (sent,) = mailoutbox
    assert sent.subject == "Sign-in from a new country"
    assert "http://testserver/account/not-me/" in sent.body


def test_a_task_carries_ids_and_no_more(traveller, user):
    sign_in_from(VIENNA)
    (text,) = QUEUE
    endpoint = SessionDevice.objects.get(ip=VIENNA)
    assert json.loads(text)["kwargs"] == {
        "endpoint_id": str(endpoint.pk),
        "causes": ["country"],
        "language": "en",
        "base_url": "http://testserver",
    }


@pytest.mark.parametrize("name", ["immediate.ImmediateBackend", "dummy.DummyBackend"])
def test_djangos_own_backends_have_no_worker(settings, traveller, mailoutbox, name):
    settings.TASKS = {"default": {"BACKEND": f"django.tasks.backends.{name}"}}
    sign_in_from(VIENNA)
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(
    "configured",
    [
        {"default": {"BACKEND": f"{__name__}.FullBackend"}},
        {"default": {"BACKEND": "no.such.Backend"}},
        {"default": {"BACKEND": f"{__name__}.QueueBackend", "QUEUES": ["other"]}},
        {"other": {"BACKEND": f"{__name__}.QueueBackend"}},
        {},
    ],
)
def test_a_queue_that_does_not_take_it_loses_no_mail(settings, traveller, mailoutbox, configured):
    settings.TASKS = configured
    assert sign_in_from(VIENNA).whoami() == "ada"
    assert len(mailoutbox) == 1
