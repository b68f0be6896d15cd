#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The milter protocol, packet by packet: what no well-behaved MTA sends must not hurt the next message."""
import socket
import struct
import sys
import threading
from types import SimpleNamespace

from lib import milter as mta
from lib.milter import Closed, Milter
from lib.process import alive
from lib.run import equal, main, need, true, wait_for
from lib.servers import Postern

need()


def world(bench, **settings):
    tables = {"networks": "198.51.100.0/24 allow\n", "test.rules": "TEST_SURE 11 subject =~ /surely bought/\n"}
    return SimpleNamespace(milter=bench.add(Postern(bench, tables=tables, **settings)))


def connect_world(bench):
    return world(bench, gate_stage="connect")


def open_session(it, address="198.51.100.7", **how):
    peer = Milter(it.milter.port, **how)
    equal(peer.connect(address) in (None, b"c"), True, "answer to connect")
    peer.helo()
    return peer


def negotiation(it):
    """it asks for six edits, leaves out unused steps, answers only where it must"""
    peer = Milter(it.milter.port)
    equal(peer.actions, mta.ADDHDRS | mta.CHGHDRS | mta.ADDRCPT | mta.ADDRCPT_PAR | mta.DELRCPT | mta.QUARANTINE,
          "actions")
    wanted = (mta.NOHELO | mta.NODATA | mta.NOUNKNOWN | mta.LEADSPC | mta.NR_CONN | mta.NR_RCPT | mta.NR_HDR |
              mta.NR_EOH | mta.NR_BODY)
    equal(hex(peer.steps), hex(wanted), "steps")
    peer.quit()


def ordinary_message(it):
    """an ordinary message is accepted; nothing that needs no body is read to its end"""
    peer = open_session(it)
    equal(peer.message(queue_id="4ABC", body=b"text\r\n" * 50000), b"a", "answer")
    it.milter.verdict("4ABC:", "client=[198.51.100.7]", "verdict=clean")
    equal(peer.edits, [], "edits")
    peer.quit()


def silent_bodies(it):
    """the MTA need not wait while it sends a body"""
    peer = open_session(it)
    peer.mail()
    peer.recipient()
    peer.header("Subject", "Hello")
    peer.end_of_headers()
    equal([peer.body(b"x" * 60000) for _ in range(50)], [None] * 50, "answers to body pieces")
    equal(peer.end(), b"a", "answer")
    peer.quit()


def without_silent_bodies(it):
    """an MTA that waits after each piece gets "continue" """
    peer = open_session(it, steps=mta.ALL_STEPS & ~mta.NR_BODY)
    peer.mail()
    peer.recipient()
    peer.header("Subject", "Hello")
    peer.end_of_headers()
    for _ in range(6):
        equal(peer.body(b"x" * 60000), b"c", "answer to a body piece")
    equal(peer.end(), b"a", "answer")
    peer.quit()


def without_silence(it):
    """an MTA that waits for every reply gets every reply"""
    silent = mta.NR_CONN | mta.NR_HELO | mta.NR_MAIL | mta.NR_RCPT | mta.NR_DATA | mta.NR_UNKN | mta.NR_HDR | \
        mta.NR_EOH | mta.NR_BODY
    peer = Milter(it.milter.port, steps=mta.ALL_STEPS & ~silent)
    equal(peer.steps & silent, 0, "silent steps")
    equal(peer.connect("198.51.100.7"), b"c", "answer to connect")
    equal(peer.mail(), b"c", "answer to MAIL")
    equal(peer.recipient(), b"c", "answer to RCPT")
    equal(peer.header("Subject", "Hello"), b"c", "answer to a header")
    equal(peer.end_of_headers(), b"c", "answer to the end of headers")
    peer.body(b"Hello\r\n")
    equal(peer.end(), b"a", "answer")
    peer.quit()


def without_leading_space(it):
    """header values have one space after the colon in the end, whoever adds it"""
    for steps, space in ((mta.ALL_STEPS, " "), (mta.ALL_STEPS & ~mta.LEADSPC, "")):
        peer = open_session(it, steps=steps)
        equal(peer.message(sender="alice@example.com", auth_authen="alice"), b"a", "answer")
        stamps = [value for _, name, value in peer.inserted() if name == "X-Postern-ID"]
        true(len(stamps) == 1 and stamps[0].startswith(space + "1."), f"stamps {stamps} with steps {steps:x}")
        peer.quit()


def old_protocol(it):
    """an MTA that speaks only version 2 is served"""
    steps = mta.NOCONNECT | mta.NOHELO | mta.NOMAIL | mta.NORCPT | mta.NOBODY | mta.NOHDRS | mta.NOEOH
    peer = open_session(it, version=2, actions=0x3F, steps=steps)
    equal(peer.version, 2, "version")
    equal(peer.message(), b"a", "answer")
    peer.quit()


def missing_actions(it):
    """an MTA that cannot do what a verdict may need is turned away, and the log says what is missing"""
    try:
        Milter(it.milter.port, actions=mta.ALL_ACTIONS & ~mta.QUARANTINE & ~mta.DELRCPT)
        raise AssertionError("negotiated without quarantine")
    except (Closed, ConnectionError):
        pass
    it.milter.wait_line("cannot work with this MTA", "remove recipients, quarantine")


def refusal_at_mail(it):
    """the gate's refusal carries code and text, and the connection stays usable"""
    peer = open_session(it, "203.0.113.9")
    for _ in range(3):
        equal(peer.mail(), b"y", "answer to MAIL")
        equal(peer.reply_text, b"550 5.7.1 203.0.113.9 is not in a network that may deliver here (postern)", "reply")
    equal(peer.message(auth_authen="alice"), b"a", "answer for an authenticated sender")
    peer.macros(b"M", mail_addr="anna@example.org")
    equal(peer.mail(), b"y", "answer to MAIL without AUTH again")
    peer.quit()


def tls_is_no_login(it):
    """{auth_type} alone (a TLS certificate) opens nothing"""
    peer = open_session(it, "203.0.113.9")
    equal(peer.message(auth_type="TLS"), b"y", "answer to MAIL")
    peer.quit()


def strange_clients(it):
    """no address, an unknown family, port 0: local submissions; a null name: no harm"""
    peer = Milter(it.milter.port)
    peer.connect_unknown()
    equal(peer.message(sender="alice@example.com"), b"a", "answer for a client without address")
    true([name for _, name, _ in peer.inserted() if name == "X-Postern-ID"], "not stamped")
    peer.quit()
    peer = open_session(it, "127.0.0.1")
    equal(peer.message(), b"a", "answer for loopback")
    equal([name for _, name, _ in peer.inserted() if name == "X-Postern-ID"], [], "mail over loopback was stamped")
    peer.quit()
    peer = Milter(it.milter.port)
    peer.connect("127.0.0.1", port=0, name="localhost")
    equal(peer.message(sender="alice@example.com"), b"a", "answer for sendmail(1)")
    true([name for _, name, _ in peer.inserted() if name == "X-Postern-ID"], "not stamped")
    peer.quit()


def without_macros(it):
    """without any macro the log names the session, and mail is judged"""
    peer = open_session(it)
    equal(peer.message(), b"a", "answer")
    true(it.milter.wait_line("verdict=clean", "client=[198.51.100.7]")[-1].split()[-20:], "line")
    line = [each for each in it.milter.lines("verdict=clean") if ": S" in each]
    true(line, "no line with a session ID")
    peer.quit()


def abort_at_every_stage(it):
    """an abort after any step leaves nothing behind for the next message"""
    peer = open_session(it)
    for stop in range(1, 7):
        peer.mail("first@example.org")
        if stop > 1:
            peer.recipient("secret@example.com")
        if stop > 2:
            peer.header("Subject", "surely bought")
        if stop > 3:
            peer.end_of_headers()
        if stop > 4:
            peer.body(b"x" * 1000)
        peer.abort()
        equal(peer.message(queue_id=f"AB{stop}"), b"a", f"answer after an abort at step {stop}")
        line = it.milter.verdict(f"AB{stop}:")[-1]
        true("verdict=clean" in line and "nrcpt=1" in line and "secret" not in line, line)
    peer.quit()


def mail_after_mail(it):
    """MAIL without an abort before it starts a clean message"""
    peer = open_session(it)
    peer.mail("first@example.org")
    peer.recipient("secret@example.com")
    peer.header("Subject", "surely bought")
    equal(peer.message(queue_id="MM1"), b"a", "answer")
    true("nrcpt=1" in it.milter.verdict("MM1:", "verdict=clean")[-1], "recipients were kept")
    peer.quit()


def hundred_mails(it):
    """a hundred messages on one connection, spam and refusals among them"""
    peer = open_session(it)
    for number in range(100):
        subject = "surely bought" if number % 10 == 0 else "Hello"
        headers = [("From", "anna@example.org"), ("Subject", subject)]
        equal(peer.message(headers=headers, queue_id=f"H{number:03}"), b"a", f"answer {number}")
        equal(any(command == b"q" for command, _ in peer.edits), number % 10 == 0, f"held {number}")
    it.milter.verdict("H099:")
    peer.quit()


def closed_at_every_stage(it):
    """a connection that breaks at any point is cleaned up"""
    for stop in range(7):
        peer = Milter(it.milter.port)
        steps = [lambda: peer.connect("198.51.100.7"), peer.mail, peer.recipient,
                 lambda: peer.header("Subject", "Hello"), peer.end_of_headers, lambda: peer.body(b"x" * 100)]
        for step in steps[:stop]:
            step()
        peer.close()
    with socket.create_connection(("127.0.0.1", it.milter.port)):
        pass
    peer = open_session(it)
    equal(peer.message(), b"a", "answer")
    peer.quit()


def steps_out_of_order(it):
    """steps out of order, and end of message without MAIL, hurt nobody"""
    peer = Milter(it.milter.port)
    equal(peer.connect("198.51.100.7"), None, "answer to connect")
    for command, data in ((b"R", b"<x@example.com>\0"), (b"L", b"Subject\0x\0"), (b"N", b""), (b"B", b"x")):
        peer.write(command, data)  # ignored by libmilter: no answer
    equal(peer.message(queue_id="OO1"), b"a", "answer")
    peer.quit()


def nonsense(it):
    """garbage on the socket ends that connection only"""
    for data in (b"\xff" * 64, struct.pack("!I", 0), struct.pack("!I", 5) + b"Zabcd", b"GET / HTTP/1.0\r\n\r\n",
                 struct.pack("!I", 13) + b"O" + b"\0" * 4, struct.pack("!I", 1) + b"M"):
        with socket.create_connection(("127.0.0.1", it.milter.port)) as peer:
            peer.sendall(data)
    peer = open_session(it)
    equal(peer.message(), b"a", "answer")
    peer.quit()


def hostile_header(it):
    """control bytes, huge and empty header fields, 8-bit names and percent signs get through"""
    peer = open_session(it)
    headers = [("Subject", "50% off\n\tfolded %s%n"), ("X" * 900, "v" * 60000), ("X-Empty", ""),
               ("X-\u00e9", "\u00e9\x07\x1b[31m")] + [("X-Many", str(n)) for n in range(5000)]
    equal(peer.message(headers=headers, sender="a%s\x01b@example.org", queue_id="HH1"), b"a", "answer")
    line = it.milter.verdict("HH1:")[-1]
    true("\x1b" not in line and "\x01" not in line, "control bytes in the log")
    peer.quit()


def many_connections(it):
    """fifty connections at once, four messages each"""
    faults = []

    def client(number):
        try:
            peer = open_session(it)
            for each in range(4):
                equal(peer.message(queue_id=f"C{number:02}{each}"), b"a", "answer")
            peer.quit()
        except Exception as fault:  # noqa: BLE001: told below
            faults.append(repr(fault))
    threads = [threading.Thread(target=client, args=(number,)) for number in range(50)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    equal(faults, [], "faults")


def still_the_same(it):
    """after all that it is the same process, with nothing in the log that should not be there"""
    true(alive(it.milter.pid), "the daemon ended")
    equal(len(it.milter.lines("started:")), 1, "starts")
    equal(it.milter.lines("error: "), it.milter.lines("error: ", "cannot work with this MTA"), "errors in the log")
    equal(len(it.milter.lines("warning: ")), 0, f"warnings: {it.milter.lines('warning: ')}")


def connect_stage(it):
    """with gate-stage = connect the connect step is answered: refused or not"""
    peer = Milter(it.milter.port)
    equal(peer.steps & (mta.NR_CONN | mta.NR_MAIL), mta.NR_MAIL, "silence at connect and MAIL")
    equal(peer.connect("203.0.113.9"), b"r", "answer to connect")
    peer.quit()
    peer = Milter(it.milter.port)
    equal(peer.connect("198.51.100.7"), b"c", "answer to connect")
    equal(peer.message(), b"a", "answer")
    peer.quit()
    wait_for(lambda: it.milter.lines("verdict=blocked"), "the blocked line")


if __name__ == "__main__":
    sys.setswitchinterval(0.001)
    main([
        (world, [negotiation, ordinary_message, silent_bodies, without_silent_bodies, without_silence, without_leading_space,
                 old_protocol, missing_actions, refusal_at_mail, tls_is_no_login, strange_clients, without_macros,
                 abort_at_every_stage, mail_after_mail, hundred_mails, closed_at_every_stage, steps_out_of_order,
                 nonsense, hostile_header, many_connections, still_the_same]),
        (connect_world, [connect_stage]),
    ])
