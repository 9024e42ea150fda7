"""What a page says after a redirect of what was done on the one before.

By django.contrib.messages where the site has them; else by a signed word in the address,
which is good for a minute and only in the session it was made in.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sessions_hub.lifecycle.state import state_of

PARAMETER = "note"
_SALT = "sessions_hub.note"
_AGE = timedelta(minutes=1)


class Note(StrEnum):
    """Something that was done, or was not."""

    ENDED = "ended"
    OVER_ALREADY = "over_already"
    OTHERS_ENDED = "others_ended"
    DISOWNED = "disowned"
    NOT_THIS_ONE = "not_this_one"
    RENAMED = "renamed"
    TRUSTED = "trusted"
    NOT_TRUSTED = "not_trusted"
    FORGOTTEN = "forgotten"
    FORGOTTEN_ALREADY = "forgotten_already"
    KEY_REVOKED = "key_revoked"


_TEXTS: dict[Note, str | Promise] = {
    Note.ENDED: _("Signed out there."),
    Note.OVER_ALREADY: _("That had ended already."),
    Note.DISOWNED: _("That session has been ended. Now change your password."),
    Note.NOT_THIS_ONE: _("This is the session you are using now. Sign out instead."),
    Note.RENAMED: _("The name has been saved."),
    Note.TRUSTED: _("The device is trusted now."),
    Note.NOT_TRUSTED: _("The device is not trusted any more."),
    Note.FORGOTTEN: _("The device has been forgotten and signed out."),
    Note.FORGOTTEN_ALREADY: _("That device was forgotten already."),
    Note.KEY_REVOKED: _("The API key has been revoked. It stopped working at once."),
}
_NOT_DONE = frozenset({Note.OVER_ALREADY, Note.NOT_THIS_ONE, Note.FORGOTTEN_ALREADY})


def text_of(note: Note, count: int = 0) -> str:
    """The sentence a person reads; `count` is how many ended."""
    if note is not Note.OTHERS_ENDED:
        return str(_TEXTS[note])
    if not count:
        return str(_("You were not signed in anywhere else."))
    return ngettext(
        "Signed out everywhere else: %(count)d session ended.",
        "Signed out everywhere else: %(count)d sessions ended.",
        count,
    ) % {"count": count}


def noted(request: HttpRequest, url: str, note: Note, count: int = 0) -> str:
    """Leave a note for the page at `url`, one of ours; return where to redirect to."""
    try:
        level = messages.WARNING if note in _NOT_DONE else messages.SUCCESS
        messages.add_message(request, level, text_of(note, count), extra_tags="sessions-hub")
    except messages.MessageFailure:
        word = signing.dumps([_whose(request), note.value, count], salt=_SALT)
        return f"{url}?{urlencode({PARAMETER: word})}"
    return url


def note_in(request: HttpRequest) -> str:
    """The sentence of the note in the request's address; empty for none or a forged one."""
    word = request.GET.get(PARAMETER, "")
    try:
        whose, note, count = signing.loads(word, salt=_SALT, max_age=_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return text_of(Note(note), count) if whose == _whose(request) else ""


def _whose(request: HttpRequest) -> str:
    known: Any = state_of(request).current_id
    return str(known or "")
