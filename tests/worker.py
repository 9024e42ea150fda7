"""A backend of django.tasks that stands for one with a worker behind it."""

from __future__ import annotations

from django.tasks.backends.dummy import DummyBackend


class WorkerBackend(DummyBackend):
    """Keeps tasks, as the table or the queue of a real one does."""
