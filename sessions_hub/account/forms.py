"""The form that asks a signed-in user for a password, a code, or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from sessions_hub.conf import conf
from sessions_hub.lifecycle.assurance import counts_towards
from sessions_hub.lifecycle.available import PASSWORD, codes_of, has_password
from sessions_hub.lifecycle.factors import Factor
from sessions_hub.lifecycle.prove import challenge_for, levels_after
from sessions_hub.models import AssuranceLevel, Method, Session
from sessions_hub.understanding.methods import MethodClaim


class ReauthenticateForm(forms.Form):
    """Asks for what this user can give, and insists on what the wanted level needs.

    `can_reach` is False where nothing the user has would do.
    """

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    factor = forms.ChoiceField(label=_("Where your code comes from"))
    code = forms.CharField(
        label=_("Code"),
        max_length=64,
        help_text=_("From your authenticator app or key, or one of your backup codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )
    challenge = forms.CharField(widget=forms.HiddenInput, required=False)
    next = forms.CharField(widget=forms.HiddenInput, required=False)
    level = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        user: AbstractBaseUser,
        session: Session,
        level: AssuranceLevel,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        upstream = conf.SESSIONS_HUB_UPSTREAM_AAL2
        self._factors = {
            factor.key: factor
            for factor in codes_of(user)
            if counts_towards(factor.claim, level, upstream)
        }
        asks_password = has_password(user)
        codes = [factor.claim for factor in self._factors.values()]
        self.can_reach = self._insist(session, level, asks_password, codes)
        self.fields["challenge"].initial = challenge_for(session)
        choices = [(key, self._label(factor)) for key, factor in self._factors.items()]
        self.fields["factor"].choices = choices  # type: ignore[attr-defined]
        self.fields["factor"].required = False
        if not asks_password:
            del self.fields["password"]
        if not choices:
            del self.fields["code"]
        if len(choices) < 2:
            del self.fields["factor"]
        for field in self.fields.values():
            if not field.widget.is_hidden:
                # The first one that is shown.
                field.widget.attrs["autofocus"] = True
                break

    def _insist(
        self,
        session: Session,
        level: AssuranceLevel,
        asks_password: bool,
        codes: Sequence[MethodClaim],
    ) -> bool:
        """Mark the fields that the level cannot do without; False where they all are too little."""
        passwords = [PASSWORD] if asks_password else []
        level_after = levels_after(session)
        needs_password, needs_code = False, False
        if level_after([]) >= level:
            # Fresh is all it has to be: any one will do.
            is_enough = bool(passwords or codes)
        elif passwords and level_after(passwords) >= level:
            needs_password = is_enough = True
        elif any(level_after([code]) >= level for code in codes):
            needs_code = is_enough = True
        else:
            is_enough = any(level_after([*passwords, code]) >= level for code in codes)
            needs_password = needs_code = is_enough
        self.fields["password"].required = needs_password or not codes
        self.fields["code"].required = needs_code or not passwords
        return is_enough

    @staticmethod
    def _label(factor: Factor) -> str:
        kind = Method(factor.claim.method).label
        return f"{factor.label} ({kind})" if factor.label else str(kind)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("password") and not cleaned.get("code"):
            raise forms.ValidationError(_("Enter your password or a code."), code="nothing")
        return cleaned

    @property
    def senders(self) -> list[tuple[str, str]]:
        """The factors that can send a code: key and name."""
        return [
            (key, self._label(factor)) for key, factor in self._factors.items() if factor.sends_code
        ]

    def sender(self, key: str | None) -> Factor | None:
        """The user's own factor that is to send a code."""
        factor = self._factors.get(key or "")
        return factor if factor is not None and factor.sends_code else None

    @property
    def chosen_factor(self) -> Factor | None:
        """Where the code of a valid form comes from."""
        key = self.cleaned_data.get("factor") or next(iter(self._factors), "")
        return self._factors.get(key)
