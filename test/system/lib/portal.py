# SPDX-License-Identifier: GPL-2.0-or-later
"""postern-portal, and a browser that has no more than cookies, forms and links."""
import html
import http.client
import pathlib
import re
import socket
import ssl
import subprocess
import urllib.parse

from .process import Process, free_port
from .run import SKIPPED, build_tree, equal, wait_for
from .servers import toml


def need_portal():
    """Ends the test program where the portal was not built."""
    if not (build_tree() / "postern-portal").exists():
        print("SKIP: postern-portal is not built (its libraries are missing)")
        raise SystemExit(SKIPPED)


class Portal(Process):
    def __init__(self, bench, name="portal", listen=None, port=None, **settings):
        self.home = bench.path(name)
        for part in ("", "tables", "state"):
            (self.home / part).mkdir(exist_ok=True)
        self.port = port or free_port()
        self.listen = listen or f"inet:{self.port}@127.0.0.1"
        self.config = self.home / "portal.toml"
        values = {"portal_listen": self.listen, "log": "stderr", "portal_rate": 0, "node": name,
                  "tables_directory": str(self.home / "tables"), "state_directory": str(self.home / "state")}
        values.update(settings)
        self.config.write_text("".join(f"{key.replace('_', '-')} = {toml(value)}\n" for key, value in values.items()))
        super().__init__([str(build_tree() / "postern-portal"), "-c", str(self.config), "-f"], str(bench.path(name + ".log")))

    def start(self):
        super().start()
        wait_for(lambda: self.lines("listening=") or self.process.poll() is not None, "the portal")
        if self.process.poll() is not None:
            raise AssertionError(f"postern-portal ended: {self.text()}")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("portal.example.com", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read().decode()

    @property
    def words(self):
        """What a reader sees."""
        return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", self.body)))

    def value(self, name):
        """A hidden field of its first form that has one of that name."""
        return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', self.body)[1])


class Browser:
    def __init__(self, portal, certificate=None):
        self.portal = portal
        self.certificate = certificate
        self.cookies = {}
        self.headers = {}

    def connection(self):
        if self.portal.listen.startswith("unix:"):
            return UnixConnection(self.portal.listen[5:])
        if self.certificate:
            context = ssl.create_default_context(cafile=self.certificate)
            return http.client.HTTPSConnection("127.0.0.1", self.portal.port, timeout=20, context=context)
        return http.client.HTTPConnection("127.0.0.1", self.portal.port, timeout=20)

    def request(self, method, path, body=None, **headers):
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        connection = self.connection()
        connection.request(method, path, body, {**self.headers, **headers})
        answer = Answer(connection.getresponse())
        connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def get(self, path, **headers):
        return self.request("GET", path, **headers)

    def post(self, path, headers=None, **form):
        return self.request("POST", path, urllib.parse.urlencode(form), **(headers or {}))

    def follow(self, answer):
        equal(answer.status, 303, answer.words)
        return self.get(answer.headers["Location"])

    def sign_in(self, user, password):
        form = self.get("/login")
        return self.post("/login", token=form.value("token"), next="/quarantine", user=user, password=password)


def certificate(directory):
    """A key and a certificate for 127.0.0.1; gives their paths."""
    key, cert = (pathlib.Path(directory) / each for each in ("portal.key", "portal.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    return str(key), str(cert)
