"""The declared answers, read from answers.txt, and what the calls send."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What a word of the table means. A number means itself.
WORDS = {
    "401": (401, "not_authenticated"),
    "404": (404, "not_found"),
    # Not for this user.
    "denied": (403, "permission_denied"),
    # Not for this token.
    "scope": (403, "insufficient_scope"),
    # Not while somebody acts as the user.
    "acting": (403, "impersonation"),
    # Not before the sign-in is complete.
    "half": (403, "sign_in_incomplete"),
    # Not without a fresh proof; the challenge of RFC 9470 for a proxy.
    "proof": (403, "reauthentication_required"),
    "level": (401, "insufficient_user_authentication"),
    # There is nothing to do it with.
    "cookie": (409, "no_token"),
    "capped": (409, "capped"),
    "lasting": (409, "impersonation"),
    # Whom nobody acts as, and who cannot start it.
    "target": (403, "superuser"),
    "invalid": (400, "invalid"),
}
PROOF = {"password": "right-password"}
# What is sent; text is the token of a form. What is not named takes an empty object.
BODIES: dict[str, dict[str, Any] | str] = {
    "POST sessions/current/step-up/": PROOF,
    "POST staff/sessions/": {"user": "{user}"},
    "POST staff/sessions/end/": {"user": "{user}"},
    "POST staff/users/<pk>/impersonate/": {"reason": "ticket 7"},
    "POST introspect/": "{secret}",
    "POST revoke/": "{secret}",
}
# The permission that staff need of sessions_hub.
PERMISSIONS = {
    "GET staff/sessions/": "view_session",
    "GET staff/sessions/<pk>/": "view_session",
    "POST staff/sessions/": "add_session",
    "POST staff/sessions/<pk>/extend/": "change_session",
    "DELETE staff/sessions/<pk>/": "end_session",
    "POST staff/sessions/end/": "end_session",
    "GET staff/devices/": "view_device",
    "GET staff/authentication-methods/": "view_authenticationmethod",
    "POST staff/users/<pk>/impersonate/": "impersonate_user",
    "POST introspect/": "view_session",
    "POST revoke/": "end_session",
}


@dataclass(frozen=True)
class Call:
    """One thing that can be asked for, and the word for each visitor's answer."""

    verb: str
    path: str
    query: str
    answers: dict[str, str]

    @property
    def name(self) -> str:
        """As the resolver has it."""
        return f"{self.verb} {self.path}"

    @property
    def body(self) -> dict[str, Any] | str:
        """What is sent."""
        return BODIES.get(self.name, {})

    @property
    def permission(self) -> str | None:
        """What staff need for it."""
        return PERMISSIONS.get(self.name)

    def expected(self, who: str) -> tuple[int, str | None]:
        """Status, and the code of a refusal."""
        word = self.answers[who]
        return WORDS[word] if word in WORDS else (int(word), None)


def _read() -> dict[str, Call]:
    columns: list[str] = []
    calls: dict[str, Call] = {}
    for line in Path(__file__).with_name("answers.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        verb, address, *words = line.split()
        if verb == "VERB":
            columns = words
            continue
        path, _mark, query = address.partition("?")
        call = Call(verb, path, query, dict(zip(columns, words, strict=True)))
        if calls.setdefault(f"{verb} {address}", call) is not call:
            raise ValueError(f"{verb} {address} is declared twice.")
    return calls


TABLE = _read()
