# SPDX-License-Identifier: GPL-2.0-or-later
"""SpamAssassin with Debian's rules, local checks only, a Bayes database of its own and a configuration of ours."""
import re
import subprocess

from .debian import environment, unpacked

LOCAL = """\
report_safe 0
use_bayes 1
bayes_path {directory}/bayes
lock_method flock
bayes_auto_learn 1
bayes_auto_learn_threshold_spam 6
header TEST_SUBJECT Subject =~ /cheap watches/i
score TEST_SUBJECT 8
body TEST_BODY /buy cheap watches/i
score TEST_BODY 8
"""


class SpamAssassin:
    def __init__(self, bench, name, snippet):
        self.tree = unpacked("spamassassin")
        self.directory = bench.path(name)
        self.directory.mkdir()
        (self.directory / "local.cf").write_text(LOCAL.format(directory=self.directory))
        (self.directory / "postern.cf").write_bytes(snippet.read_bytes())
        for each in (self.tree / "etc/spamassassin").glob("*.pre"):
            (self.directory / each.name).write_bytes(each.read_bytes())

    def run(self, program, *arguments, data=b""):
        # -T ignores PERL5LIB, so the tree's modules are named here.
        libraries = [f"-I{self.tree}/usr/{each}" for each in ("share/perl5", *self.compiled_modules())]
        done = subprocess.run(["perl", "-T", *libraries, str(self.tree / "usr/bin" / program), *arguments,
                               "-C", str(self.tree / "usr/share/spamassassin"),
                               f"--siteconfigpath={self.directory}"],
                              input=data, env=environment(self.tree), capture_output=True, timeout=300, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{program}: {done.stderr.decode()}")
        return done.stdout.decode("utf-8", "replace")

    def compiled_modules(self):
        return [str(each.relative_to(self.tree / "usr")) for each in self.tree.glob("usr/lib/*/perl5/*")]

    def statuses(self, messages):
        """The X-Spam-Status that it gives to each message, unfolded.  They come out in an order of its own."""
        mbox = b"".join(b"From test@example.org Mon Nov  2 10:00:00 2026\nX-Test: %d\n" % number +
                        each.replace(b"\r\n", b"\n") + b"\n" for number, each in enumerate(messages))
        out = re.sub(r"\n[ \t]+", " ", self.run("spamassassin", "-x", "-L", "-t", "--mbox", data=mbox))
        found = {}
        for each in re.split(r"^From ", out, flags=re.M)[1:]:
            number = int(re.search(r"^X-Test: (\d+)", each, re.M).group(1))
            found[number] = re.search(r"^X-Spam-Status: (.*)", each, re.M).group(1)
        return [found[number] for number in range(len(messages))]

    def learned(self):
        """How many messages its Bayes database has learned as spam and as ham."""
        if not (self.directory / "bayes_toks").exists():
            return 0, 0
        out = self.run("sa-learn", "--dump", "magic")
        return tuple(int(re.search(rf"(\d+)\s+\d+\s+non-token data: n{each}", out).group(1))
                     for each in ("spam", "ham"))
