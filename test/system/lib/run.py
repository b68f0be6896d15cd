# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs scenarios: plain functions that get a world of servers and raise when something is not as it should be.

One PASS or FAIL line for each, with the logs of everything that ran after a FAIL, and "N passed, N failed" at the
end.  Exit status: 0 all passed, 1 some failed, 77 something that the scenarios need is not here.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback

SKIPPED = 77


class Skip(Exception):
    """Something that a scenario cannot do without is missing."""


def need(*programs):
    """Ends the test program unless it runs as root and these programs are installed."""
    if os.environ.get("POSTERN_SKIP_SYSTEM"):
        print("SKIP: POSTERN_SKIP_SYSTEM is set")
        sys.exit(SKIPPED)
    if programs and os.geteuid() != 0:
        print("SKIP: Postfix's master must be started by root")
        sys.exit(SKIPPED)
    for program in programs:
        if shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is None:
            print(f"SKIP: {program} is not installed")
            sys.exit(SKIPPED)


def build_tree():
    return pathlib.Path(os.environ.get("POSTERN_BUILD") or os.environ.get("top_builddir") or os.getcwd()).resolve()


def program(name):
    """One of the programs under test, at the top of the build tree."""
    path = build_tree() / name
    if not os.access(path, os.X_OK):
        print(f"SKIP: {path} is not built (set POSTERN_BUILD to the build tree)")
        sys.exit(SKIPPED)
    return str(path)


class Bench:
    """A temporary directory and everything that was started in it, ended in reverse order."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.stack = contextlib.ExitStack()
        self.logs = []

    def add(self, server):
        """Starts a server (an object with start() and stop(), and perhaps logs) and ends it with the scenario."""
        self.logs += getattr(server, "logs", [])
        self.stack.callback(server.stop)
        server.start()
        return server

    def path(self, name):
        return self.directory / name

    def show_logs(self):
        for log in self.logs:
            if not pathlib.Path(log).exists():
                continue
            print(f"---- {log}")
            lines = pathlib.Path(log).read_text(errors="replace").splitlines()
            print("\n".join(lines[-int(os.environ.get("POSTERN_LOG_LINES", "60")):]))


@contextlib.contextmanager
def temporary_bench():
    """A Bench in a directory that is removed with it."""
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as directory:
        bench = Bench(directory)
        with bench.stack:
            yield bench


def report(passed, scenario, started):
    words = scenario.__doc__.splitlines()[0]
    print(f"{'PASS' if passed else 'FAIL'} {scenario.__name__}: {words} ({time.monotonic() - started:.1f} s)", flush=True)
    return passed


def run_scenario(scenario, world, bench):
    started = time.monotonic()
    try:
        scenario(world)
    except Exception:  # noqa: BLE001: any fault fails the scenario, not the run
        traceback.print_exc(file=sys.stdout)
        bench.show_logs()
        return report(False, scenario, started)
    return report(True, scenario, started)


def run_group(setup, scenarios):
    """Runs scenarios in one world, which setup(bench) makes; gives how many passed.  Raises Skip if setup does."""
    with tempfile.TemporaryDirectory(prefix="postern-", ignore_cleanup_errors=True) as directory:
        os.chmod(directory, 0o711)  # Postfix's own user must get through
        bench = Bench(directory)
        with bench.stack:
            started = time.monotonic()
            try:
                world = setup(bench)
            except Skip:
                raise
            except Exception:  # noqa: BLE001
                traceback.print_exc(file=sys.stdout)
                bench.show_logs()
                return sum(report(False, each, started) for each in scenarios)
            return sum(run_scenario(each, world, bench) for each in scenarios)


def main(groups):
    """Runs groups of scenarios, pairs (setup, [scenario, ...]), or only the scenarios named by the arguments.

    A setup that has a docstring announces its group.  A group whose setup raises Skip makes the program's status 77,
    unless something failed.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a stopped test ends its servers too
    wanted = sys.argv[1:]
    passed = total = skipped = 0
    for setup, scenarios in groups:
        chosen = [each for each in scenarios if not wanted or each.__name__ in wanted]
        if not chosen:
            continue
        if setup.__doc__:
            print(f"---- {setup.__doc__}")
        try:
            passed += run_group(setup, chosen)
            total += len(chosen)
        except Skip as reason:
            skipped += len(chosen)
            print(f"SKIP: {reason}: {', '.join(each.__name__ for each in chosen)}")
    print(f"{passed} passed, {total - passed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if passed < total or not total + skipped else SKIPPED if skipped else 0)


def equal(got, expected, what):
    if got != expected:
        raise AssertionError(f"{what}: expected {expected!r}, got {got!r}")


def true(condition, what):
    if not condition:
        raise AssertionError(what)


def wait_for(probe, what, seconds=20.0):
    """Waits until probe() gives something true, and gives that."""
    end = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.03)
