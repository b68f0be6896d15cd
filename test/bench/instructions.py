#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts the instructions that judging one message takes, by kind, and compares them with instructions.txt.

A slow-down is seen when it is made: the test fails where a kind takes over 5 % more than is recorded.  Counts repeat
only with the same compiler, flags and libraries; where these differ from the recorded ones, or valgrind is missing, the
test is skipped and says so.  --record writes the file anew (do so in the commit that explains the change).
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from samples import padded

HERE = pathlib.Path(__file__).resolve().parent
RECORD = HERE / "instructions.txt"
BUILD = pathlib.Path(os.environ.get("POSTERN_BUILD") or os.environ.get("top_builddir") or os.getcwd()).resolve()
KINDS = {"plain": "clean", "multipart": "newsletter", "outbound": "outbound", "bounce": None}
TIMES = 20      # as count_mail judges each message
MARGIN = 0.05
SKIPPED = 77
# Whatever the processor can do: the C library, libsodium and valgrind choose by it.
PLAIN = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-BMI1,-BMI2,-LZCNT,-MOVBE,-ERMS,-FSRM"}


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"FAIL: {command[0]}: {done.stderr or done.stdout}")
    return done.stdout


def skip(reason):
    print(f"SKIP: {reason}")
    sys.exit(SKIPPED)


def built_with():
    lines = run(BUILD / "test/bench/count_mail", "--built-with").strip().splitlines()
    lines = [re.sub(r" +-g\S*| +$", "", line) if line.startswith("flags:") else line for line in lines]
    return lines + [f"valgrind: {run('valgrind', '--version').strip()}", f"machine: {os.uname().machine}"]


def message(directory, kind):
    generator = BUILD / "test/data/postern-testdata"
    path = directory / f"{kind}.eml"
    if KINDS[kind]:
        text = run(generator, "--kind", KINDS[kind], "--crlf")
    else:
        text = run(generator, "--bounce-of", message(directory, "outbound"), "--to", "user@example.com", "--crlf")
    data = text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
    path.write_bytes(padded(data) if KINDS[kind] else data)
    return path


def count(directory, kind):
    out = directory / f"{kind}.callgrind"
    command = ["valgrind", "--tool=callgrind", "--toggle-collect=judge_message*", f"--callgrind-out-file={out}",
               BUILD / "test/bench/count_mail", kind, message(directory, kind)]
    run(*command, env={**os.environ, **PLAIN})
    found = re.search(r"^(?:summary|totals): (\d+)", out.read_text(errors="replace"), re.M)
    return int(found.group(1)) // TIMES


def recorded():
    """(what it was built with, {kind: instructions})."""
    lines = [line for line in RECORD.read_text().splitlines() if line and not line.startswith("#")]
    counts = dict(line.split() for line in lines if re.fullmatch(r"\w+ +\d+", line))
    return [line for line in lines if ": " in line], {kind: int(number) for kind, number in counts.items()}


def record(parts, counts):
    text = ["# Instructions to judge one message of each kind: test/bench/instructions.py --record", *parts,
            *(f"{kind} {number}" for kind, number in counts.items())]
    RECORD.write_text("\n".join(text) + "\n")


def compare(counts, expected):
    bad = 0
    for kind, number in counts.items():
        change = number / expected[kind] - 1
        slower = change > MARGIN
        bad += slower
        word = "FAIL" if slower else "PASS"
        hint = "; so much faster that it should be recorded" if change < -MARGIN else ""
        print(f"{word} {kind}: {number} instructions, {100 * change:+.1f} % of the recorded {expected[kind]}{hint}")
    return bad


def main():
    if shutil.which("valgrind") is None:
        skip("valgrind is not installed")
    parts = built_with()
    expected_parts, expected = recorded() if RECORD.exists() else ([], {})
    if "--record" not in sys.argv and parts != expected_parts:
        skip("counts were recorded with another " +
             ", ".join(mine.split(":")[0] for mine in parts if mine not in expected_parts))
    with tempfile.TemporaryDirectory(prefix="postern-count-") as directory:
        counts = {kind: count(pathlib.Path(directory), kind) for kind in KINDS}
    if "--record" in sys.argv:
        record(parts, counts)
        print(RECORD.read_text())
        return 0
    return 1 if compare(counts, expected) else 0


if __name__ == "__main__":
    sys.exit(main())
