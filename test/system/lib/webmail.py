# SPDX-License-Identifier: GPL-2.0-or-later
"""The live archive's webmail, as a reader uses it in a browser.  POSTERN_SCREENSHOTS names a folder for pictures."""
import base64
import os
import pathlib

from .run import wait_for


class Webmail:
    def __init__(self, browser, url, address, password):
        self.browser = browser
        self.url = url
        self.address = address
        self.password = password

    def picture(self, name):
        folder = os.environ.get("POSTERN_SCREENSHOTS")
        if folder:
            pathlib.Path(folder, name + ".png").write_bytes(base64.b64decode(self.browser.screenshot()))

    def log_in(self, password=None):
        self.browser.open(self.url)
        self.browser.type("#rcmloginuser", self.address)
        self.browser.type("#rcmloginpwd", password or self.password)
        self.picture("login")
        self.browser.click("#rcmloginsubmit")

    def read(self, subject, words):
        """Opens the newest message, which has this subject and these words."""
        self.browser.shows(subject)
        self.picture("inbox")
        uid = self.browser.run("return Object.keys(rcmail.env.messages)[0]")
        self.browser.open(f"{self.url}?_task=mail&_mbox=INBOX&_uid={uid}&_action=show")
        self.browser.shows(words)
        self.picture("message")

    def answer(self, words):
        """Answers the message that is open."""
        wait_for(lambda: "Loading" not in self.browser.text(), "a page that is ready")
        self.browser.click("#toolbar-menu a.reply")
        self.browser.find("#composebody")
        wait_for(lambda: self.browser.run("return document.readyState") == "complete", "a page that is ready")
        self.browser.run("document.getElementById('composebody').value = arguments[0]", words)
        self.picture("answer")
        self.browser.click("button.send")
