"""What the people of the demo do on the site, over HTTP and through its own pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

from .accounts import NAMES, Account
from .browser import Browser
from .pages import Page
from .problems import DemoError
from .visits import ENDED, ENDING, SIGNED_OUT, VISITS, Visit

HOME = "/"
SIGN_IN = "/accounts/login/"
SECOND_FACTOR = "/accounts/second-factor/"

Say = Callable[[str], None]


class Story:
    """Plays the visits against a running site; raises DemoError when an answer is wrong."""

    def __init__(self, site: str, accounts: Mapping[str, Account], say: Say) -> None:
        self.site = site
        self.accounts = accounts
        self.say = say
        self.browsers: dict[Visit, Browser] = {}

    def sign_everybody_in(self) -> None:
        for number, visit in enumerate(VISITS, 1):
            started = monotonic()
            where = f"{visit.town.name}, {visit.town.country_code}"
            how = self._sign_in(visit)
            self.say(
                f"[{number:2}/{len(VISITS)}] {visit.username:<7} {visit.agent.name:<35} "
                f"{where:<14} {how:<18} {monotonic() - started:4.1f} s"
            )

    def travel(self) -> None:
        """Use some sessions from a second place."""
        for visit, browser in self.browsers.items():
            if visit.then is None:
                continue
            browser.address = visit.then.address(9)
            _expect(browser.get(HOME), HOME, f"{visit.username} in {visit.then.name}")
            self.say(
                f"{_name(visit)} goes on with the session of {visit.agent.name} in "
                f"{visit.then.name} ({browser.address})."
            )

    def end_through_the_api(self) -> None:
        """End a session from another browser; its very next request must be anonymous."""
        ended, ending = self.browsers[ENDED], self.browsers[ENDING]
        _expect(ended.get(HOME), HOME, f"{ENDED.agent.name} before the end")
        session_id = self._find_other_session(ending)
        status, _answer = ending.api("DELETE", f"/api/sessions/{session_id}/")
        if status != 204:
            raise DemoError(f"DELETE /api/sessions/{session_id}/ answered {status}, not 204.")
        self.say(
            f"{_name(ENDED)} ends the session of {ENDED.agent.name} from {ENDING.agent.name}:"
            f"\n    DELETE /api/sessions/{session_id}/ → 204"
        )
        _expect(ended.get(HOME), SIGN_IN, f"the next request of {ENDED.agent.name}")
        self.say(
            f"The very next request of {ENDED.agent.name} is anonymous:\n    GET {HOME} → {SIGN_IN}"
        )
        status, _answer = ended.api("GET", "/api/sessions/current/")
        if status != 401:
            raise DemoError(
                f"The ended session gets {status} from /api/sessions/current/, not 401."
            )
        self.say(f"  GET /api/sessions/current/ → {status}")

    def sign_out(self) -> None:
        """Sign one person out with the button of the page."""
        browser = self.browsers[SIGNED_OUT]
        page = browser.submit(browser.get(HOME), **{"sign-out": ""})
        _expect(page, SIGN_IN, f"signing {SIGNED_OUT.username} out")
        self.say(f"{_name(SIGNED_OUT)} signs out in {SIGNED_OUT.agent.name}.")

    def _sign_in(self, visit: Visit) -> str:
        account = self.accounts[visit.username]
        browser = self.browsers[visit] = Browser(self.site, visit.agent, visit.town.address())
        what = f"signing {visit.username} in with {visit.agent.name}"
        page = browser.get(HOME)
        _expect(page, SIGN_IN, what)
        page = browser.submit(page, username=account.username, password=account.password)
        if account.seed is None:
            _expect(page, HOME, what)
            return "password"
        _expect(page, SECOND_FACTOR, what)
        if not visit.gives_code:
            return "password, no code"
        _expect(browser.submit(page, code=account.code()), HOME, what)
        return "password and code"

    def _find_other_session(self, browser: Browser) -> str:
        """The id of the session to end, from its owner's own list."""
        status, answer = browser.api("GET", "/api/sessions/")
        if status != 200:
            raise DemoError(f"GET /api/sessions/ answered {status}.")
        for session in answer["results"]:
            if session["user_agent"] == ENDED.agent.user_agent and not session["current"]:
                return str(session["id"])
        raise DemoError(f"The session of {ENDED.agent.name} is not in its owner's list.")


def _expect(page: Page, path: str, what: str) -> None:
    if page.status != 200 or page.path != path:
        raise DemoError(
            f"{what}: expected {path} with status 200, got {page.path} with {page.status}."
        )


def _name(visit: Visit) -> str:
    return NAMES[visit.username].partition(" ")[0]
