# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends mail, and makes the messages that the scenarios send."""
import base64
import smtplib
import socket
import subprocess

from .run import program


class Refused(Exception):
    """The server's answer to MAIL, RCPT or the end of DATA, when it was not a yes."""

    def __init__(self, stage, code, text):
        super().__init__(f"{stage}: {code} {text}")
        self.stage, self.code, self.text = stage, code, text


class Client:
    """One SMTP connection, with a source address of choice and, by XCLIENT, any client address."""

    def __init__(self, postfix, source="127.0.0.1", claim=None, login=None, ipv6=False, timeout=30):
        address = ("::1", postfix.port6) if ipv6 else ("127.0.0.1", postfix.port)
        origin = ("::1", 0) if ipv6 else (source, 0)
        self.smtp = smtplib.SMTP(*address, local_hostname="client.example.org", timeout=timeout, source_address=origin)
        if claim:
            self.smtp.ehlo()
            shown = "IPV6:" + claim if ":" in claim else claim
            self.expect("XCLIENT", 220, *self.smtp.docmd(f"XCLIENT ADDR={shown} NAME=[UNAVAILABLE]"))
        self.smtp.ehlo()
        if login:
            user, password = login
            token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
            self.expect("AUTH", 235, *self.smtp.docmd("AUTH PLAIN " + token))

    @staticmethod
    def expect(stage, wanted, code, text):
        if code != wanted:
            raise Refused(stage, code, text.decode("utf-8", "replace"))

    def mail(self, sender, parameters=""):
        self.expect("MAIL", 250, *self.smtp.docmd(f"MAIL FROM:<{sender}> {parameters}".strip()))

    def recipient(self, address, parameters=""):
        self.expect("RCPT", 250, *self.smtp.docmd(f"RCPT TO:<{address}> {parameters}".strip()))

    def begin_data(self):
        self.expect("DATA", 354, *self.smtp.docmd("DATA"))

    def raw(self, data):
        self.smtp.sock.sendall(data)

    def end_data(self):
        self.raw(b"\r\n.\r\n")
        self.expect("END", 250, *self.smtp.getreply())

    def send(self, sender, recipients, data, mail_parameters="", recipient_parameters=""):
        """One message; `data` is sent as it is, CRLF lines.  The parameters are those of RFC 3461 and the like."""
        self.mail(sender, mail_parameters)
        for each in recipients:
            self.recipient(each, recipient_parameters)
        self.begin_data()
        lines = data.split(b"\r\n")
        if lines and lines[-1] == b"":
            lines.pop()
        self.raw(b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines))
        self.end_data()

    def close(self):
        try:
            self.smtp.quit()
        except (smtplib.SMTPException, OSError):
            self.smtp.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def send(postfix, sender, recipients, data, **how):
    with Client(postfix, **how) as client:
        client.send(sender, recipients, data)


def refusal(postfix, sender, recipients, data, **how):
    """Sends what must not be accepted; gives the Refused."""
    try:
        send(postfix, sender, recipients, data, **how)
    except Refused as refused:
        return refused
    raise AssertionError(f"mail from {sender} to {recipients} was accepted ({how})")


def plain(subject="A plain message", sender="anna@example.org", to="alice@example.com", body=None, headers=""):
    body = body if body is not None else "Dear Alice,\r\n\r\nshall we meet on Monday?\r\n\r\nAnna\r\n"
    return (f"From: Anna <{sender}>\r\nTo: {to}\r\nSubject: {subject}\r\n"
            f"Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{abs(hash((subject, body)))}@example.org>\r\n"
            f"{headers}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}").encode()


def bounce(to, original_head, boundary="----=_part", failed="nobody@example.net"):
    """A delivery report as Postfix writes it, quoting the header of the original."""
    return (f"From: MAILER-DAEMON@mx.example.net (Mail Delivery System)\r\nTo: {to}\r\n"
            "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
            "Date: Mon, 02 Nov 2026 10:05:00 +0000\r\nMessage-ID: <report@mx.example.net>\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"{boundary}\"\r\n\r\n"
            f"--{boundary}\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n\r\n"
            f"--{boundary}\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; mx.example.net\r\n\r\n"
            f"Final-Recipient: rfc822; {failed}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
            f"--{boundary}\r\nContent-Type: message/rfc822\r\n\r\n{original_head}\r\n\r\nHello\r\n\r\n"
            f"--{boundary}--\r\n").encode()


def generated(kind, seed=1, *arguments):
    """A message of the project's generator, with CRLF lines."""
    done = subprocess.run([program("test/data/postern-testdata"), "--kind", kind, "--seed", str(seed), "--crlf",
                           *arguments], check=True, capture_output=True, timeout=60)
    return done.stdout


def host_takes_ipv6():
    """Whether ::1 can be used on this host."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False
