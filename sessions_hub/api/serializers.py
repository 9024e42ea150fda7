"""The representation, as Django REST framework calls it."""

from __future__ import annotations

from rest_framework import serializers

from sessions_hub.models import Session

from .representation import SessionObject, represent


class SessionSerializer(serializers.BaseSerializer[Session]):
    """A session, read only. The context has `current_id` and `now`."""

    def to_representation(self, instance: Session) -> SessionObject:
        return represent(instance, current_id=self.context["current_id"], now=self.context["now"])
