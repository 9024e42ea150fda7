"""Looking at a page: in two widths, in light and dark, on paper, and with axe-core."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path

WIDE, NARROW = (1280, 900), (390, 844)
SCHEMES = ("light", "dark")
# A4 with margins of a centimetre, at 96 dots to the inch.
PAPER = (718, 1046)


class Camera:
    """Looks at a page as people do, and keeps a picture of each look in its folder, if any."""

    def __init__(self, driver, folder: Path | None) -> None:
        self.driver = driver
        self.folder = folder

    def look(
        self,
        name: str,
        *,
        except_for: Sequence[str] = (),
        only: Sequence[str] = (),
        without: Sequence[str] = (),
        is_judged: bool = True,
    ) -> list[str]:
        """What is wrong with the page the browser shows, in light and dark, wide and narrow.

        `except_for` are selectors of what is not looked at with axe-core, `only` of what alone is;
        `without` are rules of axe-core that are not asked.
        """
        wrong: list[str] = []
        for scheme in SCHEMES:
            self._emulate(scheme)
            for size in (WIDE, NARROW):
                self.set_size(*size)
                where = f"{name} {scheme} {size[0]}"
                wrong += self._too_wide(where)
                if is_judged:
                    wrong += self._barriers(where, except_for, only, without)
                self._keep(f"{name}-{size[0]}-{scheme}.png")
        self._emulate("light")
        self.set_size(*WIDE)
        return wrong

    def print(self, name: str, hidden: Sequence[str] = ()) -> list[str]:
        """What is wrong with the page on paper, printed from a dark screen.

        `hidden` are selectors of what does not belong there.
        """
        self._emulate("dark", media="print")
        self.set_size(*PAPER)
        wrong = self._too_wide(f"{name} print")
        for selector in hidden:
            shown = [one for one in self._find(selector) if one.is_displayed()]
            wrong += [f"{name} print: {selector} is on paper"] if shown else []
        wrong += self.driver.execute_script(_CUT, f"{name} print")
        self._keep(f"{name}-print.png")
        self._emulate("light")
        self.set_size(*WIDE)
        return wrong

    def _find(self, selector: str):
        return self.driver.find_elements("css selector", selector)

    def _emulate(self, scheme: str, media: str = "") -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        values = {"media": media, "features": features}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", values)

    def set_size(self, width: int, height: int) -> None:
        """Make the window this wide and high."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def _too_wide(self, where: str) -> list[str]:
        scrolls = self.driver.execute_script(
            "return document.documentElement.scrollWidth > window.innerWidth"
        )
        if not scrolls:
            return []
        return [f"{where}: wider than the window: {self.driver.execute_script(_WIDEST)}"]

    def _barriers(
        self, where: str, except_for: Sequence[str], only: Sequence[str], without: Sequence[str]
    ) -> list[str]:
        from selenium_axe_python import Axe

        # axe-core takes no selector that finds nothing.
        there = [one for one in only if self.driver.find_elements("css selector", one)]
        if only and not there:
            return []
        context = {"include": [[one] for one in there]} if there else {}
        if except_for:
            context["exclude"] = [[one] for one in except_for]
        options = {"rules": {rule: {"enabled": False} for rule in without}}
        axe = Axe(self.driver)
        axe.inject()
        # Both become part of a script as they are written.
        found = axe.run(json.dumps(context) if context else None, json.dumps(options))
        return [
            f"{where}: {violation['id']}: {violation['help']} "
            f"{[node['html'][:160] for node in violation['nodes']]}"
            for violation in found["violations"]
        ]

    def _keep(self, name: str) -> None:
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        shot = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"captureBeyondViewport": True}
        )
        (self.folder / name).write_bytes(b64decode(shot["data"]))


# What reaches past the window.
_WIDEST = """
return [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
  .slice(-3).map((one) => one.outerHTML.slice(0, 120)).join(" ");
"""

# What is wider than the paper, and what scrolls to show all of itself: paper does not.
_CUT = """
const name = arguments[0], wrong = [];
for (const one of document.querySelectorAll("main *")) {
  const box = one.getBoundingClientRect();
  if (!box.width || !box.height) continue;
  const style = getComputedStyle(one);
  const scrolls = one.scrollWidth > one.clientWidth + 1 && /auto|scroll/.test(style.overflowX);
  if (scrolls || box.right > window.innerWidth + 1 || box.left < -1)
    wrong.push(`${name}: cut: ${one.outerHTML.slice(0, 160)}`);
}
return wrong;
"""
