"""A person at a screen: Chromium, driven by real clicks, keys and scans that are counted."""

import base64
import contextlib
import json
import resource
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest
import websocket

#: Sizes of screens, in pixels.
PHONE, DESK = (360, 740), (1440, 900)
PATIENCE = 90  # seconds that a thing may take to appear
QUIET = 0.3  # seconds without a request after which a screen is complete

#: The first visible element that a selector finds, with a text in it; where its middle is, once it can be clicked there, and
#: how far it was scrolled for that: what moves on its page is in the middle again each time it is scrolled to.
FIND = """(selector, text) => [...document.querySelectorAll(selector)].find(
    (one) => one.getClientRects().length && one.innerText.includes(text || ""))"""
MIDDLE = """((find, selector, text) => {
    const isInSight = (one) => one.getBoundingClientRect().bottom > 0 && one.getBoundingClientRect().top < innerHeight;
    const element = find(selector, text);
    if (!element) return "is not there";
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = element.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    const top = document.elementFromPoint(x, y);
    if (element.disabled) return "is disabled";
    if ([...document.images].some((one) => !one.complete && isInSight(one))) return "waits for pictures, which move it";
    if (!top || !(element.contains(top) || top.contains(element))) return "is covered by " + (top && top.outerHTML.slice(0, 200));
    let scrolled = 0;
    for (let one = element; one; one = one.parentElement) scrolled += one.scrollTop;
    return [x, y, scrolled];
})(%s, %s, %s)"""


def _lift_limit():
    """Give Chromium the memory that Odoo's limit, which whoever runs the tests has, denies it."""
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class Browser:
    """A window of Chromium.

    ``clicks`` and ``keys`` are what the person did, ``messages`` what the console showed of warnings and errors, requests
    that failed included.
    """

    def __init__(self, size):
        chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        if not chromium:
            pytest.skip("there is no Chromium")
        self.clicks = self.keys = self._number = 0
        self.messages = []
        self._requests, self._waits = {}, True
        self.folder = tempfile.mkdtemp(prefix="stock_cycle_count_browser")
        self.process = subprocess.Popen(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-port=0",
             "--remote-allow-origins=*", f"--user-data-dir={self.folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=_lift_limit)
        self._socket = websocket.create_connection(self._find_page(), timeout=600, suppress_origin=True)
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")
        self.resize(size)

    def _find_page(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            # The file is there before it is written.
            with contextlib.suppress(OSError, ValueError, LookupError, StopIteration):
                port = int((Path(self.folder) / "DevToolsActivePort").read_text().split()[0])
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as reply:
                    return next(page["webSocketDebuggerUrl"] for page in json.load(reply) if page["type"] == "page")
            time.sleep(0.1)
        raise AssertionError("Chromium does not start")

    def resize(self, size):
        """Make the window a phone, which is touched, or a desk's."""
        width, height = size
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 768)
        self.send("Emulation.setTouchEmulationEnabled", enabled=width < 768)

    def send(self, method, **params):
        """Result of a command of the DevTools protocol."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while self._waits:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]
            self._note(message.get("method"), message.get("params", {}))

    def _note(self, method, params):
        if method == "Network.requestWillBeSent" and params.get("type") in ("XHR", "Fetch"):
            self._requests[params["requestId"]] = params["request"]["url"]
        elif method in ("Network.loadingFinished", "Network.loadingFailed"):
            self._requests.pop(params["requestId"], None)
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.messages.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.messages.append(" ".join(str(one.get("value", one.get("description"))) for one in params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.messages.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")

    def evaluate(self, expression):
        """Value of a JavaScript expression, awaited."""
        result = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def log_in(self, client, path="/web"):
        """Go on as a client that logged in, on a page of its server."""
        for cookie in client.cookies:
            self.send("Network.setCookie", name=cookie.name, value=cookie.value, url=client.url)
        self.send("Page.navigate", url=client.url + path)

    def wait(self, expression, enough, what, patience=PATIENCE):
        """Wait until the value of a JavaScript expression is enough, and return it.

        :param patience: seconds that it may take
        :raise TimeoutError: naming what is waited for, what is there, and what the server was asked and has not answered
        """
        deadline = time.monotonic() + patience
        while True:
            value = None
            # Where a page is being left there is nothing to ask.
            with contextlib.suppress(AssertionError):
                value = self.evaluate(expression)
                if enough(value):
                    return value
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"{what} {value or 'is not there'}; unanswered: {[*self._requests.values()]}; console: {self.messages}; "
                    f"there is: {self.text}")
            time.sleep(0.05)

    def see(self, selector, text="", patience=PATIENCE):
        """Wait until something is visible.

        :raise TimeoutError: saying what is there instead
        """
        self.wait(f"Boolean(({FIND})({json.dumps(selector)}, {json.dumps(text)}))", bool, f"{selector} {text}", patience)

    def wait_until_quiet(self):
        """Wait until nothing was asked of the server for a moment."""
        quiet_since, pending = time.monotonic(), "document.querySelector('.o_loading_indicator, .o_blockUI') !== null"
        while time.monotonic() < quiet_since + QUIET:
            if self.evaluate(pending) or self._requests:
                quiet_since = time.monotonic()
            time.sleep(0.05)

    @property
    def text(self):
        """All that can be read on the page."""
        return self.evaluate("document.body.innerText")

    def click(self, selector, text=""):
        """Press where something is, as soon as it can be pressed; one click.

        :raise TimeoutError: saying why it cannot
        """
        expression = MIDDLE % (FIND, json.dumps(selector), json.dumps(text))
        seen = []

        def stands_still(value):
            seen.append(value)
            return isinstance(value, list) and seen[-3:] == [value] * 3

        x, y, _scrolled = self.wait(expression, stands_still, f"{selector} {text}")
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.clicks += 1

    def press(self, keys):
        """Type characters; ``\\r`` is Enter. Each is a key."""
        for key in keys:
            params = {"key": key, "text": key}
            if key == "\r":
                params.update(key="Enter", code="Enter", windowsVirtualKeyCode=13)
            self.send("Input.dispatchKeyEvent", type="keyDown", **params)
            self.send("Input.dispatchKeyEvent", type="keyUp", **params)
            self.keys += 1

    def scan(self, barcode):
        """Scan a label with a scanner that types like a keyboard, and waits for nobody: neither a click nor a key."""
        done = self.keys
        with self._unanswered():
            self.press(barcode + "\r")
        self.keys = done
        self.evaluate("0")

    @contextlib.contextmanager
    def _unanswered(self):
        """Send commands without waiting for their answers."""
        self._waits = False
        try:
            yield
        finally:
            self._waits = True

    def picture(self, path):
        """Save what is seen as PNG."""
        Path(path).write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    def close(self):
        """Close the window, and Chromium."""
        self._socket.close()
        self.process.terminate()
        self.process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def window(size):
    """A window that is closed in the end."""
    browser = Browser(size)
    try:
        yield browser
    finally:
        browser.close()
