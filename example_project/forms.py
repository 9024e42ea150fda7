"""The form of the second sign-in page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django_otp import match_token
from django_otp.models import Device


class CodeForm(forms.Form):
    """The code of an authenticator app. `device` is the one it came from."""

    code = forms.CharField(
        label="Code from your authenticator app",
        min_length=6,
        max_length=8,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )

    def __init__(self, *args: Any, user: AbstractBaseUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.device: Device | None = None

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        # Counts wrong codes, and takes each right one once.
        self.device = match_token(self.user, code)
        if self.device is None:
            raise forms.ValidationError(
                "That code is wrong, used already, or too old. Wait for the next one and try again."
            )
        return code
