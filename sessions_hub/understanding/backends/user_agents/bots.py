"""Whether a program, not a person, sent an agent.

HTTP libraries and applications are no bots: they are clients a user may own. So a
name that also stands in names of applications counts only where the text tells of no
application, and an address to complain to counts only in what poses as a browser:
well-behaved API clients name one too.
"""

from __future__ import annotations

import re

from .agent import Agent
from .systems import operating_system

# Looked for in the lower-case text. No application is called anything with these.
_NAMES = (
    "crawl",
    "slurp",
    "scrapy",
    "scraper",
    "archiver",
    "heritrix",
    "nutch",
    "wayback",
    "httrack",
    "sitesucker",
    "teoma",
    "yacy",
    "yeti/",
    "ezooms",
    "wotbox",
    "externalhit",
    "externalagent",
    "facebookcatalog",
    "facebookplatform",
    "archive-it",
    "friendica",
    "fediindex",
    "gotosocial",
    "(mastodon/",
    "lemmy/",
    "fediverse",
    "ask jeeves",
    # Fetchers of the language models
    "anthropic-ai",
    "chatgpt-user",
    "claude-user",
    "claude-web",
    "cohere-ai",
    "cohere-training",
    "gemini-ai",
    "googleagent",
    "manus-user",
    "mistralai-user",
    "oai-search",
    "perplexity-user",
    # Google's, beside those that say "bot"
    "apis-google",
    "appengine-google",
    "googleassociationservice",
    "googledocs",
    "googleother",
    "googleproducer",
    "google page speed",
    "google search console",
    "mediapartners-google",
    # Previews and proxies
    "embedly",
    "flipboardproxy",
    "iframely",
    "imageproxy",
    "image proxy",
    "github-camo",
    "onebox",
    "opengraph",
    "unfurl",
    "imgproxy",
    "linkpreview",
    "mailproxy",
    "pagepeeker",
    "pocketimagecache",
    "pocketparser",
    "tineye",
    "vkshare",
    "wordpress/",
    "wordpress.com",
    "xenforo",
    "yourls",
    # Readers of feeds that run on servers
    "bazqux",
    "bloglovin",
    "blogtrottr",
    "commafeed",
    "feed finder",
    "feed parser",
    "feed wrangler",
    "feedbin",
    "feedburner",
    "feedly",
    "feedspot",
    "freshrss",
    "inoreader",
    "magpierss",
    "netvibes",
    "newsblur",
    "newsgator",
    "openrss",
    "simplepie",
    "superfeedr",
    "theoldreader",
    "tiny tiny rss",
    "universalfeedparser",
    # Monitors and measurements
    "apachebench",
    "betterstack",
    "blackbox exporter",
    "catchpoint",
    "check-host",
    "checkly",
    "dareboost",
    "nodeping",
    "thousandeyes",
    "updown.io",
    "uptrends",
    "check_http",
    "datadog agent",
    "freshping",
    "gtmetrix",
    "health check",
    "healthcheck",
    "hetrix",
    "lighthouse",
    "munin/",
    "nagios",
    "pagespeed",
    "pingdom",
    "prerender",
    "prometheus/",
    "prtg",
    "ptst/",
    "route53",
    "server density",
    "site24x7",
    "statuscake",
    "statuspage",
    "uptime",
    "webpagetest",
    "websitepulse",
    "woorank",
    "zabbix",
    # Validators and checkers
    "backlink",
    "checklink",
    "comodo dcv",
    "dcv check",
    "digicert dcv",
    "hardenize",
    "link check",
    "linkcheck",
    "securityheaders",
    "siteimprove",
    "w3c_",
    "let's encrypt",
    "linkdex",
    "screaming frog",
    "serpstat",
    "sistrix",
    "ssl labs",
    "ssllabs",
    "thumbnail",
    "turnitin",
    "validator",
    "virustotal",
    "w3c-mobileok",
    "wappalyzer",
    "whatcms",
    # Advertising and brands
    "awario",
    "brandverity",
    "criteo",
    "grapeshot",
    "hubspot connect",
    "hubspot links",
    "mediatoolkit",
    "meltwater",
    "moreover",
    "outbrain",
    "proximic",
    "trendiction",
    "twingly",
    "weborama",
    # Scanners
    "acunetix",
    "arachni",
    "l9explore",
    "openvas",
    "web archiv",
    "webcop",
    "censys",
    "dirbuster",
    "expanse",
    "fuzz faster",
    "gobuster",
    "internet-measurement",
    "internetmeasurement",
    "leakix",
    "ltx71",
    "masscan",
    "netcraft",
    "nikto",
    "nmap scripting",
    "nuclei",
    "paloaltonetworks",
    "probely",
    "projectdiscovery",
    "qualys",
    "riddler",
    "shodan",
    "sqlmap",
    "sucuri",
    "whatweb",
    "wpscan",
    "zgrab",
)
# "CUBOT" and "FOSSiBOT" are brands of phones, "iRobot" one of vacuum cleaners.
_BOT = re.compile(r"(?i)(?<!cu)(?<!fossi)(?<!\biro)bot(?:s\b|_|(?![a-z]))")
_CAMEL_BOT = re.compile(r"(?<!CU)Bot(?=[A-Z])")
_SPIDER = re.compile(r"(?i)(?:spider|sipder)(?!-?man|[ -]?solitaire|%20)")
_GOOGLE = re.compile(r"\bGoogle-(?!HTTP|API|Cloud|SDK)[A-Z]|^Google$")

# The same, where the text tells of no application.
_WORDS = (
    "audit",
    "extractor",
    "favicon",
    "fetcher",
    "harvest",
    "indexer",
    "inspect",
    "lookup",
    "monitor",
    "preview",
    "prober",
    "probe/",
    "research",
    "resolver",
    "scanner",
    "screenshot",
    "sitemaps",
    "spdr",
    "survey",
    "synthetic",
    "url checker",
    "verification",
    "verifier",
)
_SEO = re.compile(r"(?i)\bseo(?!ul)[a-z]|\bseo\b")
_OF_APPLICATIONS = ("android", "cfnetwork", "iphone", "ipad", "electron")
# Libraries that pose as a browser, which uap-core takes for spiders.
_LIBRARIES = ("indy library", "winhttp")
# The types of clients that users own. uap-core calls HTTP libraries spiders.
_APPLICATIONS = frozenset({"desktop", "library", "mediaplayer", "mobile app", "pim"})

_NO_BROWSER = r"; ?(?! |MSIE|Konqueror|Dillo|OmniWeb|Opera|Windows|Linux|X11|Macintosh|U;)"
_CONTACT = re.compile(
    rf"\+ ?(?:https?://|mailto:|www\.)|compatible{_NO_BROWSER}[^)]{{0,200}}https?://"
    r"|\((?:https?://|www\.)|; ?\+?[\w.-]{1,64}@[\w-]{1,64}\.[a-z]"
)
# "Mozilla/5.0 (compatible; Name/1.0)" and no word of a browser or a system.
_NOTHING_BUT_A_NAME = re.compile(
    rf"^Mozilla/\d\.\d[ +](?:\(compatible(?:\)|{_NO_BROWSER})|[A-Za-z]{{2,64}}(?:/[\dx.]+)?$)"
)
_FOUND_SEARCHING = re.compile(r"https?://[^ )]{0,64}(?:search|robot)")


def is_bot(agent: Agent, kind: str) -> bool:
    """Whether `agent` is a crawler, a monitor, a scanner or a fetcher of previews.

    `kind` is the type of its client, `""` when unknown.
    """
    if announces_bot(agent):
        return True
    lower = agent.text.lower()
    if agent.is_plain or kind in _APPLICATIONS or any(name in lower for name in _LIBRARIES):
        return False
    if lower.startswith("mozilla/") and _poses(agent):
        return True
    if "http" in lower and _FOUND_SEARCHING.search(lower):
        return True
    return agent.is_bot


def announces_bot(agent: Agent) -> bool:
    """Whether the name of a bot, or a word for what bots do, stands in `agent`.

    Whatever its client is, and whatever uap-core knows: the resolvers of ua-parser do not
    agree on its spiders.
    """
    text, lower = agent.text, agent.text.lower()
    if _says_bot(text, lower):
        return True
    own = agent.own_words
    if own is not None:
        # Some bots stand where the model does; programs that are none add words there, too.
        own = own.lower()
        return bool(own) and any(name in own for name in _NAMES)
    if any(name in lower for name in _NAMES):
        return True
    return not any(name in lower for name in _LIBRARIES) and _has_a_word(text, lower)


def _says_bot(text: str, lower: str) -> bool:
    if "bot" in lower and (_BOT.search(text) or _CAMEL_BOT.search(text)):
        return True
    if ("spider" in lower or "sipder" in lower) and _SPIDER.search(text):
        return True
    return "google" in lower and bool(_GOOGLE.search(text))


def _has_a_word(text: str, lower: str) -> bool:
    if any(name in lower for name in _OF_APPLICATIONS):
        return False
    if "seo" in lower and _SEO.search(text):
        return True
    return any(word in lower for word in _WORDS)


def _poses(agent: Agent) -> bool:
    text = agent.text
    if ("http" in text or "@" in text or "www." in text) and _CONTACT.search(text):
        return True
    if agent.browser or not _NOTHING_BUT_A_NAME.search(text):
        return False
    return not operating_system(agent)[0]
