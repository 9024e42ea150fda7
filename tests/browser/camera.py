"""Looking at a page: in two widths, in light and dark, and with axe-core."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

WIDE, NARROW = (1280, 900), (390, 844)


class Camera:
    """Looks at a page as people do: in two widths, light and dark, and with axe-core."""

    def __init__(self, driver, folder: Path | None) -> None:
        self.driver = driver
        self.folder = folder

    def look(self, name: str) -> list[str]:
        """What is wrong with the page the browser shows; keeps a picture of each look."""
        from axe_selenium_python import Axe

        wrong: list[str] = []
        for scheme in ("light", "dark"):
            self.driver.execute_cdp_cmd(
                "Emulation.setEmulatedMedia",
                {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
            )
            for width, height in (WIDE, NARROW):
                self._set_size(width, height)
                where = f"{name} {scheme} {width}"
                scrolls = self.driver.execute_script(
                    "return document.documentElement.scrollWidth > window.innerWidth"
                )
                if scrolls:
                    wrong.append(f"{where}: wider than the window")
                axe = Axe(self.driver)
                axe.inject()
                for violation in axe.run()["violations"]:
                    nodes = [node["html"][:160] for node in violation["nodes"]]
                    wrong.append(f"{where}: {violation['id']}: {violation['help']} {nodes}")
                self._keep(f"{name}-{width}-{scheme}.png")
        return wrong

    def _set_size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def _keep(self, name: str) -> None:
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        shot = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"captureBeyondViewport": True}
        )
        (self.folder / name).write_bytes(b64decode(shot["data"]))
