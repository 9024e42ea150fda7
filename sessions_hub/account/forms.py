"""The form that asks a signed-in user for a password, a code, a key, or what it takes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from sessions_hub.conf import conf
from sessions_hub.lifecycle.assurance import counts_towards
from sessions_hub.lifecycle.available import PASSWORD, askable, has_password
from sessions_hub.lifecycle.factors import Factor
from sessions_hub.lifecycle.prove import challenge_for, prospects
from sessions_hub.models import AssuranceLevel, Method, Session
from sessions_hub.understanding.methods import MethodClaim

# The session has become too old for the level that one more factor would raise it to.
NOT_FULL = _("It has been too long for one of them alone. Give your password and a code or key.")


class ReauthenticateForm(forms.Form):
    """Asks for what this user can give, and insists on what the wanted level needs.

    `can_reach` is False where nothing the user has would do, `is_too_late` where it
    would have once: only a new sign-in helps. `keys` are those of WebAuthn that would do.
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
    # The answer of a key, as JSON; a script fills it in.
    credential = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16_384)
    challenge = forms.CharField(widget=forms.HiddenInput, required=False)
    next = forms.CharField(widget=forms.HiddenInput, required=False)
    level = forms.CharField(widget=forms.HiddenInput, required=False)

    # What was typed is in the arguments.
    @sensitive_variables("args", "kwargs")
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
        useful = [one for one in askable(user) if counts_towards(one.claim, level, upstream)]
        self._factors = {factor.key: factor for factor in useful if factor.takes_code}
        self.keys = [factor for factor in useful if factor.takes_key]
        self._level = level
        self._prospect = prospects(session, user, timezone.now())
        asks_password = has_password(user)
        self.can_reach = self._insist(level, asks_password)
        self.fields["challenge"].initial = challenge_for(session)
        choices = [(key, self._label(factor)) for key, factor in self._factors.items()]
        self.fields["factor"].choices = choices  # type: ignore[attr-defined]
        self.fields["factor"].required = False
        if not asks_password:
            del self.fields["password"]
        if not choices:
            del self.fields["code"]
        if not self.keys:
            del self.fields["credential"]
        if len(choices) < 2:
            del self.fields["factor"]
        for field in self.fields.values():
            if not field.widget.is_hidden:
                # The first one that is shown.
                field.widget.attrs["autofocus"] = True
                break

    def _insist(self, level: AssuranceLevel, asks_password: bool) -> bool:
        """Mark the fields that the level cannot do without; False where they all are too little."""
        passwords = [PASSWORD] if asks_password else []
        codes = [factor.claim for factor in self._factors.values()]
        # Whether a key verifies its user shows when it answers: it is asked to where it counts.
        others = [*codes, *(replace(key.claim, user_verified=True) for key in self.keys)]
        alone = any(self._is_enough([other]) for other in others)
        together = any(self._is_enough([*passwords, other]) for other in others)
        needs_password, needs_other = False, False
        if self._prospect([]).level >= level and (alone or not others):
            # Fresh is all it has to be: any one will do.
            is_enough = bool(passwords or others)
        elif passwords and self._is_enough(passwords):
            needs_password = is_enough = True
        elif alone:
            needs_other = is_enough = True
        else:
            needs_password = needs_other = is_enough = together
        self.fields["password"].required = needs_password or not others
        self.fields["code"].required = (needs_other or not passwords) and not self.keys
        self._needs_other = needs_other or not passwords
        self.is_too_late = not is_enough and any(
            self._prospect([*passwords, other]).level >= level for other in others
        )
        return is_enough

    @staticmethod
    def _label(factor: Factor) -> str:
        kind = Method(factor.claim.method).label
        return f"{factor.label} ({kind})" if factor.label else str(kind)

    def _is_enough(self, claims: Sequence[MethodClaim]) -> bool:
        """Whether the session would have the level with these proofs, and not be over by them."""
        level, goes_on = self._prospect(claims)
        return goes_on and level >= self._level

    def must_verify_user(self, *, with_password: bool) -> bool:
        """Whether a key is enough only if it verifies its user; `with_password`: beside one."""
        given = [PASSWORD] if with_password and "password" in self.fields else []
        weak = [replace(key.claim, user_verified=False) for key in self.keys]
        return not all(self._is_enough([*given, claim]) for claim in weak)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        other = cleaned.get("code") or cleaned.get("credential")
        if not other and not cleaned.get("password"):
            raise forms.ValidationError(
                _("Enter your password or a code, or use a key."), code="nothing"
            )
        if self._needs_other and not other:
            raise forms.ValidationError(_("This takes a code or a key as well."), code="other")
        if not self._goes_on(cleaned):
            # Before a code is used up by it.
            raise forms.ValidationError(NOT_FULL, code="not_full")
        return cleaned

    def _goes_on(self, cleaned: dict[str, Any]) -> bool:
        """Whether what was given, if it is right, does not end the session instead."""
        claims = [PASSWORD] if cleaned.get("password") else []
        if cleaned.get("code") and (factor := self.chosen_factor) is not None:
            claims.append(factor.claim)
        keys = [replace(key.claim, user_verified=True) for key in self.keys]
        sets = [[*claims, key] for key in keys] if cleaned.get("credential") else [claims]
        return any(self._prospect(one).goes_on for one in sets)

    @property
    def is_typed(self) -> bool:
        """Whether there is anything to type; a key alone is answered by its own button."""
        return "password" in self.fields or "code" in self.fields

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
