"""A real browser, headless, over the WebDriver protocol (W3C)."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

MISSING = [
    name for name in ("chromium", "chromedriver") if not shutil.which(name)
]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
KEYS = {"right": "\ue014", "down": "\ue015", "end": "\ue010"}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the protocol's name for one


class Browser:
    """One window of Chromium."""

    def __init__(self, address: str, profile: str) -> None:
        self._http = requests.Session()
        self._http.trust_env = False  # the driver is on this machine
        self._session = address
        chromium = {"args": [*FLAGS, f"--user-data-dir={profile}"]}
        wanted = {
            "goog:chromeOptions": chromium,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        made = self._post("session", capabilities={"alwaysMatch": wanted})
        self._session = f"{address}/session/{made['sessionId']}"
        self._post("url", url="about:blank")  # leave the start page behind
        self.requested()

    def _post(self, command: str, **values: Any) -> Any:
        answer = self._http.post(
            f"{self._session}/{command}", json=values, timeout=1200
        )
        value = answer.json()["value"]
        assert answer.ok, value
        return value

    def close(self) -> None:
        self._http.delete(self._session, timeout=1200)

    def open(self, path: Path) -> None:
        self._post("url", url=path.as_uri())

    def run(self, script: str) -> Any:
        """What a function's body returns."""
        return self._post("execute/sync", script=script, args=[])

    def press(self, selector: str, *keys: str) -> None:
        """Types into the element, which takes the focus first."""
        text = "".join(KEYS.get(key, key) for key in keys)
        found = self._find(selector)
        self._post(f"element/{found}/value", text=text)

    def click(self, selector: str) -> None:
        self._post(f"element/{self._find(selector)}/click")

    def hover(self, selector: str, part: float) -> None:
        """Moves the pointer to a part of an element's width."""
        wide = self.run(
            f"return document.querySelector({selector!r}).clientWidth"
        )
        step = {
            "type": "pointerMove",
            "origin": {ELEMENT: self._find(selector)},
            "x": round((part - 0.5) * wide),
            "y": 0,
            "duration": 0,
        }
        self._post(
            "actions",
            actions=[{"type": "pointer", "id": "mouse", "actions": [step]}],
        )

    def _find(self, selector: str) -> str:
        found = self._post("element", using="css selector", value=selector)
        return found[ELEMENT]

    def show(self, width: int, height: int, scheme: str) -> None:
        """A screen of a size, of a person who likes it light or dark."""
        metrics = {
            "width": width,
            "height": height,
            "deviceScaleFactor": 1,
            "mobile": width < 500,
        }
        feature = {"name": "prefers-color-scheme", "value": scheme}
        for cmd, params in (
            ("Emulation.setDeviceMetricsOverride", metrics),
            ("Emulation.setEmulatedMedia", {"features": [feature]}),
        ):
            self._post("goog/cdp/execute", cmd=cmd, params=params)

    def screenshot(self, path: Path) -> None:
        answer = self._http.get(f"{self._session}/screenshot", timeout=1200)
        path.write_bytes(base64.b64decode(answer.json()["value"]))

    def console(self) -> list[str]:
        """What was logged since the last call."""
        return [one["message"] for one in self._post("se/log", type="browser")]

    def requested(self) -> list[str]:
        """The addresses that were asked for since the last call."""
        events = [
            json.loads(one["message"])["message"]
            for one in self._post("se/log", type="performance")
        ]
        return [
            one["params"]["request"]["url"]
            for one in events
            if one["method"] == "Network.requestWillBeSent"
        ]


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser with a profile of its own, both gone at the end."""
    driver = subprocess.Popen(
        ["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True
    )
    assert driver.stdout is not None
    try:
        found = None
        while not found:
            line = driver.stdout.readline()
            assert line, "chromedriver ended before it listened"
            found = re.search(r"successfully on port (\d+)", line)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            one = Browser(f"http://127.0.0.1:{found[1]}", profile)
            try:
                yield one
            finally:
                one.close()
    finally:
        driver.terminate()
        driver.wait(timeout=120)
        driver.stdout.close()
