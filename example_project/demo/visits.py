"""Who signs in with what from where, and who moves on."""

from __future__ import annotations

from dataclasses import dataclass

from . import agents, towns
from .agents import Agent
from .towns import Town


@dataclass(frozen=True, slots=True)
class Visit:
    """One sign-in, and the place the same session is used from later, if any."""

    username: str
    agent: Agent
    town: Town
    then: Town | None = None
    gives_code: bool = False


# Ended through the API, from the other browser of the same person.
ENDED = Visit("bruno", agents.EDGE_WINDOWS, towns.SAO_PAULO)
ENDING = Visit("bruno", agents.FIREFOX_LINUX, towns.SAO_PAULO)
SIGNED_OUT = Visit("devi", agents.FIREFOX_WINDOWS, towns.NAIROBI)
# Gives its account of a provider to the site, with tokens.
CONNECTED = Visit("devi", agents.SAMSUNG_TABLET, towns.NAIROBI, then=towns.MOMBASA)
PROVEN_TWICE = Visit("chiara", agents.SAFARI_MAC, towns.MILAN, gives_code=True)

VISITS = (
    Visit("amelie", agents.CHROME_WINDOWS, towns.BERLIN),
    Visit("amelie", agents.SAFARI_IPHONE, towns.BERLIN, then=towns.PARIS),
    Visit("amelie", agents.POSTMAN, towns.BERLIN),
    ENDING,
    ENDED,
    Visit("bruno", agents.CURL, towns.SAO_PAULO),
    PROVEN_TWICE,
    # Stops at the second page: signed in, with a password alone.
    Visit("chiara", agents.CHROME_PIXEL, towns.MILAN),
    CONNECTED,
    Visit("devi", agents.ANDROID_APP, towns.NAIROBI),
    SIGNED_OUT,
    Visit("emre", agents.OPERA_MAC, towns.ISTANBUL, then=towns.BERLIN),
    Visit("emre", agents.IPHONE_APP, towns.ISTANBUL),
    Visit("emre", agents.PYTHON_SCRIPT, towns.ISTANBUL),
    Visit("fumiko", agents.CHROME_CHROMEBOOK, towns.OSAKA, then=towns.TOKYO),
    Visit("fumiko", agents.CHROME_IPAD, towns.OSAKA),
    Visit("fumiko", agents.FIREFOX_ANDROID, towns.TOKYO),
)
