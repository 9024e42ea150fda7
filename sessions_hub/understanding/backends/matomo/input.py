"""What of a request the package device-detector gets to see.

Its cost grows with the length of a text, and faster with the number of words in it,
so everything is cut to what real clients send.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sessions_hub.capture.headers import clean
from sessions_hub.understanding.client_hints import RELEVANT

#: In characters. The longest of Matomo's 38,000 test strings has 387.
MAX_LENGTH = 512
#: In characters that end a word. Real strings have up to 80; one-letter words, 256.
MAX_BREAKS = 120
#: In characters.
MAX_APP_ID_LENGTH = 128
MAX_MODEL_LENGTH = 48

# device-detector tries each of its thousands of expressions behind each of these.
_BREAK = re.compile(r"[^A-Za-z0-9_-]")
# Chrome's reduced user agent, and Android's own without a model.
# https://www.chromium.org/updates/ua-reduction/
_NO_MODEL = re.compile(r"Android (\d+)[\d.]*(?:; K)?(?=\)| Build/)")
_VERSION = re.compile(r'"?(\d+(?:\.\d+){0,3})"?')
_MODEL = re.compile(r'"?([^"<>();]+)"?')


def cut_hints(headers: Mapping[str, object]) -> dict[str, str]:
    """The client hints among `headers`, each with at most `MAX_LENGTH` clean characters."""
    return {name: clean(headers[name], MAX_LENGTH) for name in RELEVANT if name in headers}


def passed_hints(hints: Mapping[str, str]) -> dict[str, str]:
    """The one hint that device-detector is given: the id of an Android app.

    With the hints every browser sends, it gets worse: shortened versions, no device.
    With a model, it tries, and compiles, every model of every brand: 4 seconds and
    90 MB. Those hints are used by `seen_text`, by the brands in `tables` and
    by `sessions_hub.understanding.client_hints`.
    """
    app = hints.get("x-requested-with", "")[:MAX_APP_ID_LENGTH]
    return {"x-requested-with": app} if app else {}


def seen_text(user_agent: object, hints: Mapping[str, str]) -> str:
    """The user agent for device-detector: cut, and with the model and version hinted.

    As Matomo does, these are written where reduced user agents leave them out.
    """
    text = clean(user_agent, MAX_LENGTH)
    model = _MODEL.fullmatch(hints.get("sec-ch-ua-model", ""))
    if model:
        version = _VERSION.fullmatch(hints.get("sec-ch-ua-platform-version", ""))
        name = model[1].strip()[:MAX_MODEL_LENGTH]
        text = _NO_MODEL.sub(
            lambda match: f"Android {version[1] if version else match[1]}; {name}", text, count=1
        )[:MAX_LENGTH]
    for number, found in enumerate(_BREAK.finditer(text)):
        if number == MAX_BREAKS:
            return text[: found.start()]
    return text
