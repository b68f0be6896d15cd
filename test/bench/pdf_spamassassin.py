#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Recall, false positives and messages a CPU second: Postern beside SpamAssassin with its PDFInfo rules.

Both see the same messages: the generator's wave and its escalations, from the mailer of then and from those of today,
real PDFs in a reply and in a blank mail, and real good mail.  SpamAssassin runs as Debian has it, local checks only,
without a Bayes database, with the plugin PDFInfo and its rules turned on; what it needs to start is measured with one
message and taken off.  CPU is user and system time of the programs and their children.
  POSTERN_CORPUS, POSTERN_HAM: as in test/system/pdf_corpus.py; without them those lines are missing.
  POSTERN_SEEDS (20): messages of each kind; POSTERN_HAM_SAMPLE (300): messages of good mail.
Without SpamAssassin the benchmark is skipped (77).
"""
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "system"))
from lib.run import SKIPPED, Bench, program  # noqa: E402
from lib.servers import Postern  # noqa: E402

SEEDS = os.environ.get("POSTERN_SEEDS", "20")
SAMPLE = int(os.environ.get("POSTERN_HAM_SAMPLE", "300"))
RULES = pathlib.Path("/usr/share/spamassassin")
SITE = pathlib.Path("/etc/spamassassin")


def testdata(*arguments):
    return subprocess.run([program("test/data/postern-testdata"), *map(str, arguments)], check=True,
                          stdout=subprocess.PIPE).stdout


def cpu(command, data=b""):
    """The CPU seconds that a command used, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(list(map(str, command)), input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(f"{command[0]}: status {done.returncode}: {done.stderr.decode(errors='replace')}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, done.stdout


def sets(folder):
    """(name, spam?, files) of each set."""
    out = []
    for row in testdata("--list").decode().splitlines():
        kind, sort = row.split("\t")[:2]
        if sort != "spam":
            continue
        for options in (["--modern"] if kind == "spam-modern" else [], ["--modern"]):
            name = " ".join([kind, *options])
            if any(name == each[0] for each in out):
                continue
            testdata("--kind", kind, "--seed", 300001, "--count", SEEDS, *options, folder / name)
            out.append((name, True, sorted((folder / name).iterdir())))
    corpus = pathlib.Path(os.environ.get("POSTERN_CORPUS", "/nonexistent")) / "pdf"
    pdfs = [file for part in ("ham", "scan") if (corpus / part).is_dir() for file in sorted((corpus / part).iterdir())]
    for name, options in (("real PDFs in a reply", []), ("real PDFs, blank mail", ["--blank"])):
        if pdfs:
            (folder / name).mkdir()
            for seed, pdf in enumerate(pdfs, 1):
                (folder / name / f"{seed}.eml").write_bytes(testdata("--wrap", pdf, "--seed", seed, *options))
            out.append((name, False, sorted((folder / name).iterdir())))
    if os.environ.get("POSTERN_HAM"):
        files = sorted(each for each in pathlib.Path(os.environ["POSTERN_HAM"]).rglob("*.txt") if "ham" in each.parent.name)
        out.append(("real good mail", False, files[::max(1, len(files) // SAMPLE)][:SAMPLE]))
    return out


class SpamAssassin:
    def __init__(self, directory):
        self.directory = directory
        directory.mkdir()
        for each in SITE.glob("*.pre"):
            shutil.copy(each, directory)
        (directory / "pdf.pre").write_text("loadplugin Mail::SpamAssassin::Plugin::PDFInfo\n")
        (directory / "local.cf").write_text("use_bayes 0\nreport_safe 0\n")
        first = b"From: a@example.com\nSubject: a\n\nA word.\n"
        self.start = min(self.run([first])[0] for _ in range(2))

    def run(self, messages):
        mbox = b"".join(b"From test@example.org Mon Nov  2 10:00:00 2026\nX-Test: %d\n" % number +
                        re.sub(rb"(?m)^From ", b">From ", each.replace(b"\r\n", b"\n")) + b"\n"
                        for number, each in enumerate(messages))
        return cpu(["spamassassin", "-x", "-L", "-t", "-C", RULES, f"--siteconfigpath={self.directory}", "--mbox"], mbox)

    def judge(self, files):
        """CPU seconds, how many are spam, and how many a rule of PDFInfo hit."""
        seconds, out = self.run([file.read_bytes() for file in files])
        text = re.sub(r"\n[ \t]+", " ", out.decode("utf-8", "replace"))
        statuses = re.findall(r"^X-Spam-Status: (.*)$", text, re.M)
        return (seconds - self.start, sum(each.startswith("Yes") for each in statuses),
                sum("GMD_" in each for each in statuses), len(statuses))


def postern(settings, files):
    seconds, tagged = 0.0, 0
    for start in range(0, len(files), 100):
        used, out = cpu([program("postern"), "scan", "--json", "--config", settings.config, *files[start:start + 100]])
        seconds += used
        tagged += sum(json.loads(line)["verdict"] in ("spam", "surespam") for line in out.splitlines())
    return seconds, tagged


def main():
    if shutil.which("spamassassin") is None or not (RULES / "20_pdfinfo.cf").exists():
        print("SKIP: no spamassassin with rules for PDFInfo")
        return SKIPPED
    with tempfile.TemporaryDirectory() as directory:
        folder = pathlib.Path(directory)
        (folder / "mail").mkdir()
        bench = Bench(folder)
        settings = Postern(bench, "alone", redis="")
        other = SpamAssassin(folder / "spamassassin")
        print(f"{'':32}        |       Postern         |        SpamAssassin with PDFInfo")
        print(f"{'':32} number | tagged   a CPU second | tagged   a rule of PDFInfo   a CPU second", flush=True)
        for name, _, files in sets(folder / "mail"):
            ours, tagged = postern(settings, files)
            theirs, spam, hit, judged = other.judge(files)
            if judged != len(files):
                sys.exit(f"{name}: SpamAssassin judged {judged} of {len(files)}")
            count = len(files)
            print(f"{name:32} {count:6} | {tagged / count:6.1%} {count / max(ours, 1e-3):12.0f} | {spam / count:6.1%} "
                  f"{hit / count:15.1%} {count / max(theirs, 1e-3):16.1f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
