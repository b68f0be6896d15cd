# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of Debian packages that cannot be installed beside Postfix, or are not worth it: unpacked, not installed.

The tree lies in the build tree, is fetched once and is shared by all test programs.  Nothing of the system is
changed: where apt has no package lists yet, they are fetched into the tree's own folder too.
"""
import fcntl
import os
import pathlib
import platform
import re
import shutil
import stat
import subprocess
import sys

from .run import SKIPPED, Skip, build_tree


def install(group, *programs):
    """Installs a group of contrib/install-packages where one of the programs is missing; ends the test where that fails."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    if all(shutil.which(each, path=path) for each in programs):
        return
    tool = pathlib.Path(__file__).resolve().parents[3] / "contrib" / "install-packages"
    subprocess.run(["sh", str(tool), group], check=False, timeout=900, stdin=subprocess.DEVNULL)
    for each in programs:
        if shutil.which(each, path=path) is None:
            print(f"SKIP: {each} is not installed, and contrib/install-packages {group} did not help")
            sys.exit(SKIPPED)


def apt(cache, *arguments, own_lists):
    """Runs apt-get, with the system's package lists or with lists of our own."""
    options = ["-o", "APT::Sandbox::User=root", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::Retries=1"]
    if own_lists:
        options += ["-o", f"Dir::State={cache}/state", "-o", f"Dir::Cache={cache}/apt",
                    "-o", "Dir::State::status=/var/lib/dpkg/status"]
    try:
        return subprocess.run(["apt-get", "-q", *options, *arguments], cwd=cache, capture_output=True, text=True,
                              timeout=120, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as late:
        raise Skip(f"apt-get {arguments[0]} takes too long") from late


def said(done):
    return (done.stderr or done.stdout).strip().splitlines()[-1:] or [f"status {done.returncode}"]


def missing_parts(cache, package, own_lists):
    """The package and those it depends on that are not installed; None where apt does not know it."""
    done = apt(cache, "install", "-s", "--no-install-recommends", package, own_lists=own_lists)
    # "Inst NAME (..." is a new package, "Inst NAME [VERSION] (..." an upgrade, which nobody needs here.
    return {package, *re.findall(r"^Inst (\S+) \(", done.stdout, re.M)} if done.returncode == 0 else None


def fetch(cache, package):
    """Downloads the package with what it needs; gives the files."""
    for own_lists in (False, True):
        if own_lists and not list(cache.glob("state/lists/*_Packages*")):
            for each in ("state/lists/partial", "apt/archives/partial"):
                (cache / each).mkdir(parents=True, exist_ok=True)
            done = apt(cache, "update", own_lists=True)
            if done.returncode != 0:
                raise Skip(f"apt-get update: {said(done)[0]}")
        parts = missing_parts(cache, package, own_lists)
        if parts:
            done = apt(cache, "download", *sorted(parts), own_lists=own_lists)
            if done.returncode == 0:
                return list(cache.glob("*.deb"))
    raise Skip(f"{package} cannot be downloaded: {said(done)[0]}")


def drop_privileges(tree):
    """No setuid programs in a build tree: whoever runs these is root already."""
    for path in tree.rglob("*"):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
            path.chmod(stat.S_IMODE(mode) & ~(stat.S_ISUID | stat.S_ISGID))


def unpacked(*packages):
    """The root of a tree that holds these packages; raises Skip where they cannot be had."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise Skip(f"{' '.join(packages)}: packages are unpacked on Debian and its kin only")
    cache = build_tree() / "test" / "system" / "packages"
    tree = cache / "root"
    tree.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for package in packages:
            mark = cache / (package + ".unpacked")
            if mark.exists():
                continue
            for file in fetch(cache, package):
                subprocess.run(["dpkg-deb", "-x", file, tree], check=True, capture_output=True, timeout=120)
                file.unlink()
            drop_privileges(tree)
            mark.touch()
    return tree


def environment(tree):
    """The environment that finds the tree's shared libraries."""
    triplet = f"{platform.machine()}-linux-gnu"
    libraries = ":".join(str(tree / each / triplet) for each in ("usr/lib", "lib"))
    return dict(os.environ, LD_LIBRARY_PATH=libraries)


def pretended(tree, directory, host, user=None, like=None):
    """The environment in which this machine is called `host`, which is 127.0.0.1 without asking a name server, and
    in which a user exists with the IDs of user `like`; see nss_wrapper(1)."""
    values = dict(environment(tree), LD_PRELOAD="libnss_wrapper.so", NSS_WRAPPER_HOSTNAME=host)
    lines = {each: pathlib.Path("/etc", each).read_text(encoding="utf-8") for each in ("passwd", "group")}
    lines["hosts"] = f"127.0.0.1 {host} localhost\n"
    if user:
        uid, gid = re.search(rf"^{like}:[^:]*:(\d+):(\d+):", lines["passwd"], re.M).groups()
        lines["passwd"] += f"{user}:x:{uid}:{gid}::/nonexistent:/usr/sbin/nologin\n"
        lines["group"] += f"{user}:x:{gid}:\n"
    for each, text in lines.items():
        path = directory / each
        path.write_text(text, encoding="utf-8")
        values["NSS_WRAPPER_" + each.upper()] = str(path)
    return values
