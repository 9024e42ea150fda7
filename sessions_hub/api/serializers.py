"""The representation, as Django REST framework calls it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sessions_hub.models import Session

from .people import user_object
from .representation import represent
from .selection import WHOLE


class SessionSerializer(serializers.BaseSerializer[Session]):
    """A session, read only.

    The context has `current_id` and `now`, and may have `selection` (the keys that are
    answered) and `user_object` (what is shown of its user).
    """

    def to_representation(self, instance: Session) -> dict[str, Any]:
        selection = self.context.get("selection", WHOLE)
        whole = represent(
            instance,
            current_id=self.context["current_id"],
            now=self.context["now"],
            show_user=self.context.get("user_object", user_object),
            selection=selection,
        )
        return dict(selection.of(whole))
