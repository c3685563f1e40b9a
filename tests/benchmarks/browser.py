"""A headless Chromium, controlled with its DevTools protocol through a pipe: no library and no port.

Messages are JSON, each ended by a zero byte, on descriptors 3 (to the browser) and 4 (from it).
"""

import base64
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
)
CHUNK_BYTES = 1 << 20

Message = dict[str, Any]


def program() -> str | None:
    """The browser of this machine, None where there is none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Page:
    """One tab. `events` has everything that happened in it."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._unread = b""
        self._last = 0
        self._session: str | None = None
        self.events: list[Message] = []

    def attach(self) -> Self:
        """Open a tab that reports what it logs, loads and throws."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")
        return self

    def call(self, method: str, **parameters: Any) -> Message:
        """The browser's answer; AssertionError when it reports an error."""
        self._last += 1
        request: Message = {"id": self._last, "method": method, "params": parameters}
        if self._session is not None:
            request["sessionId"] = self._session
        _write(self._to, json.dumps(request).encode() + b"\0")
        while True:
            message = self._read()
            if message.get("id") == self._last:
                assert "error" not in message, f"{method}: {message['error']}"
                result: Message = message["result"]
                return result
            self.events.append(message)

    def open(self, path: Path) -> None:
        """Load a file and wait until it is loaded."""
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def look(self, width: int, *, dark: bool, height: int = 900, scale: float = 1) -> None:
        """Emulate a window of that width, light or dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.call("Emulation.setEmulatedMedia", features=[scheme, still])

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer.get("exceptionDetails")
        return answer["result"].get("value")

    def press(self, key: str, code: int) -> None:
        """One key, down and up."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        """Write the page, or only the part in the window, as PNG."""
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(picture["data"]))

    def of(self, method: str) -> list[Message]:
        """The parameters of every event of that name since the page was opened."""
        return [event["params"] for event in self.events if event.get("method") == method]

    def _read(self) -> Message:
        while b"\0" not in self._unread:
            more = os.read(self._from, CHUNK_BYTES)
            assert more, "the browser is gone"
            self._unread += more
        line, _, self._unread = self._unread.partition(b"\0")
        message: Message = json.loads(line)
        return message


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A tab of a new browser with an empty `profile`; the browser ends with the context."""
    found = program()
    assert found is not None
    read_by_it, to_browser = os.pipe()
    from_browser, written_by_it = os.pipe()
    # Both are moved up first: one of them may be 3 or 4 itself.
    high = [_high(read_by_it), _high(written_by_it)]
    quiet = os.open(os.devnull, os.O_WRONLY)
    moves = [(os.POSIX_SPAWN_DUP2, high[0], 3), (os.POSIX_SPAWN_DUP2, high[1], 4)]
    moves += [(os.POSIX_SPAWN_DUP2, quiet, one) for one in (1, 2)]
    arguments = [found, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    process = os.posix_spawn(found, arguments, os.environ, file_actions=moves, setpgroup=0)
    for descriptor in (*high, quiet):
        os.close(descriptor)
    try:
        yield Page(to_browser, from_browser).attach()
    finally:
        os.close(to_browser)
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(from_browser)


def _high(descriptor: int) -> int:
    """The same pipe on a descriptor above 9."""
    import fcntl

    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved
