"""Who signs in with what from where, and who moves on."""

from __future__ import annotations

from dataclasses import dataclass

from . import agents, geoip
from .agents import Agent
from .geoip import Town


@dataclass(frozen=True, slots=True)
class Visit:
    """One sign-in, and the place the same session is used from later, if any."""

    username: str
    agent: Agent
    town: Town
    then: Town | None = None
    gives_code: bool = False


# Ended through the API, from the other browser of the same person.
ENDED = Visit("bruno", agents.EDGE_WINDOWS, geoip.SAO_PAULO)
ENDING = Visit("bruno", agents.FIREFOX_LINUX, geoip.SAO_PAULO)
SIGNED_OUT = Visit("devi", agents.FIREFOX_WINDOWS, geoip.NAIROBI)
# Gives its account of a provider to the site, with tokens.
CONNECTED = Visit("devi", agents.SAMSUNG_TABLET, geoip.NAIROBI, then=geoip.MOMBASA)
PROVEN_TWICE = Visit("chiara", agents.SAFARI_MAC, geoip.MILAN, gives_code=True)

VISITS = (
    Visit("amelie", agents.CHROME_WINDOWS, geoip.BERLIN),
    Visit("amelie", agents.SAFARI_IPHONE, geoip.BERLIN, then=geoip.PARIS),
    Visit("amelie", agents.POSTMAN, geoip.BERLIN),
    ENDING,
    ENDED,
    Visit("bruno", agents.CURL, geoip.SAO_PAULO),
    PROVEN_TWICE,
    # Stops at the second page: signed in, with a password alone.
    Visit("chiara", agents.CHROME_PIXEL, geoip.MILAN),
    CONNECTED,
    Visit("devi", agents.ANDROID_APP, geoip.NAIROBI),
    SIGNED_OUT,
    Visit("emre", agents.OPERA_MAC, geoip.ISTANBUL, then=geoip.BERLIN),
    Visit("emre", agents.IPHONE_APP, geoip.ISTANBUL),
    Visit("emre", agents.PYTHON_SCRIPT, geoip.ISTANBUL),
    Visit("fumiko", agents.CHROME_CHROMEBOOK, geoip.OSAKA, then=geoip.TOKYO),
    Visit("fumiko", agents.CHROME_IPAD, geoip.OSAKA),
    Visit("fumiko", agents.FIREFOX_ANDROID, geoip.TOKYO),
)
