# SPDX-License-Identifier: GPL-2.0-or-later
"""A Chromium without a window, driven by chromedriver in the words of W3C WebDriver."""
import json
import urllib.error
import urllib.request

from .process import Process, free_port
from .run import wait_for

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser(Process):
    def __init__(self, bench):
        self.port = free_port()
        self.profile = bench.path("browser")
        self.profile.mkdir()
        self.session = None
        super().__init__(["chromedriver", f"--port={self.port}"], str(bench.path("browser.log")))

    def start(self):
        super().start()
        self.wait_listening(self.port)
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                            f"--user-data-dir={self.profile}"]}
        wanted = {"acceptInsecureCerts": True, "goog:chromeOptions": options}
        self.session = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}}, "")["sessionId"]

    def stop(self):
        if self.session:
            self.ask("DELETE", "")
        super().stop()

    def ask(self, method, path, body=None, session=None):
        base = f"/session/{self.session}" if session is None else session
        data = json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{base}{path}", data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as fault:
            raise AssertionError(f"{path}: {fault.read().decode()[:600]}") from fault

    def open(self, url):
        self.ask("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector, seconds=30.0):
        """The element, waited for."""
        def found():
            return self.ask("POST", "/elements", {"using": "css selector", "value": selector})
        return wait_for(found, f"{selector} on the page: {self.text()[:300]}", seconds)[0][ELEMENT]

    def type(self, selector, text):
        self.ask("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def click(self, selector):
        self.ask("POST", f"/element/{self.find(selector)}/click")

    def text(self):
        return self.run("return document.body ? document.body.innerText : ''")

    def shows(self, words, seconds=30.0):
        """Waits until the page has these words."""
        wait_for(lambda: words in self.text(), f"\"{words}\" on the page", seconds)

    def screenshot(self):
        """A PNG, in base64."""
        return self.ask("GET", "/screenshot")
