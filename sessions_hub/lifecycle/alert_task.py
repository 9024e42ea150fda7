"""The alert as a task, for a worker to send. Imported only where `django.tasks` exists (6.0)."""

from __future__ import annotations

from typing import Any

from django.tasks import DEFAULT_TASK_BACKEND_ALIAS, task, task_backends
from django.tasks.backends.dummy import DummyBackend
from django.tasks.backends.immediate import ImmediateBackend

from .alerts import send_alert


@task
def send_alert_task(endpoint_id: str, causes: list[str], language: str, base_url: str) -> bool:
    """Send the alert about an endpoint; see `send_alert()`."""
    return send_alert(endpoint_id, causes, language, base_url)


def enqueue_alert(arguments: dict[str, Any]) -> bool:
    """Hand the alert to a worker; False where the backend of TASKS has none.

    Raises what the backend raises.
    """
    backend = task_backends[DEFAULT_TASK_BACKEND_ALIAS]
    if isinstance(backend, DummyBackend | ImmediateBackend):
        # The one runs tasks on the spot, the other never.
        return False
    send_alert_task.enqueue(**arguments)
    return True
