# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether each message was judged under a state that Redis held, young enough, and never under an older one than the
message before it.

A daemon that does not log stale= promises: what it applies was Redis' state at most `bound` seconds before MAIL, or
later.  With stale= it promises only that Redis held it once, and that it has applied nothing newer.
"""
import math
import re
from collections import Counter

from .state import group_network

DEFAULTS = {"spam": "tag", "surespam": "quarantine"}
RULE = re.compile(r"(\d+) subject =~ /(\w+)[|/]")


class Run:
    """One key's policy, unchanged over some states; `place` is (epoch, state)."""

    def __init__(self, place, row, since):
        self.place = place
        self.row = row
        self.since = since
        self.until = None


class Older:
    """What Redis held before the history begins: marks of states, and each key's rows."""

    def __init__(self):
        self.marks = set()
        self.rows = {}     # key -> what it said, as sets of fields; absent rows are empty

    def add(self, history):
        states = [held for epoch in history.epochs for held in epoch.all()]
        self.marks.update(held.mark for held in states)
        for key in {each for held in states for each in held.state.policies}:
            rows = (held.state.policies.get(key) or {} for held in states)
            self.rows.setdefault(key, set()).update(frozenset(row.items()) for row in rows)

    def said(self, key, verdict, wanted):
        return any(dict(row).get(verdict) == wanted for row in self.rows.get(key, [frozenset()]))


class Checker:
    """For one node.  `ends`: for each epoch, when it ended at the latest.  `older`: states before the history begins."""

    def __init__(self, history, ends, bound, older=None):
        self.ends = ends
        self.bound = bound
        self.older = older or Older()
        self.held = {}     # (epoch, place) -> Held
        self.places = {}   # (generation, digest) -> [(epoch, place)], ascending
        for epoch in history.epochs:
            for at, held in enumerate(epoch.all()):
                self.held[epoch.number, at] = held
                self.places.setdefault(held.mark, []).append((epoch.number, at))
        self.runs = {}
        self.counts = Counter()
        self.faults = []
        self.forget()
        self.remembers = True   # rows from before the history; a daemon that starts anew has none

    def forget(self):
        """The daemon starts anew, and has applied nothing yet."""
        self.floor = (0, 0)
        self.floors = Counter()
        self.restarted = True
        self.remembers = False

    def end(self, place, until):
        return self.ends[place[0]] if until is None else until

    def runs_of(self, key):
        if key in self.runs:
            return self.runs[key]
        found = []
        for place, held in self.held.items():
            row = held.state.policies.get(key)
            if found and found[-1].place[0] == place[0] and found[-1].row == row:
                found[-1].until = held.until
                continue
            found.append(Run(place, row, held.since))
            found[-1].until = held.until
        self.runs[key] = found
        return found

    def blame(self, judged, what):
        self.faults.append(f"{what}: {judged.line}")

    # One message

    def check(self, sent, judged):
        stale = judged.stale is not None
        self.counts["stale" if stale else "current"] += 1
        place = self.place_of(sent, judged, stale)
        if place is None:
            return
        self.floor = place
        state = self.held[place].state
        blocked = is_blocked(state, sent.group)
        if blocked or judged.verdict == "blocked":
            self.counts["blocked"] += 1
            if (judged.verdict == "blocked") != blocked:
                self.blame(judged, f"the networks of this state say otherwise: {state.tables['networks']}")
            return
        rules, score = hits(state, sent.subject)
        if (judged.rules, judged.score) != (rules, score):
            self.blame(judged, f"the rules of this state say {rules}, {score}")
            return
        if judged.verdict != "clean":
            self.check_policies(sent, judged, stale)

    def place_of(self, sent, judged, stale):
        """The first state that may be the one, or None with a fault."""
        places = self.places.get(judged.mark, [])
        if not places:
            if not (stale and self.restarted and judged.mark in self.older.marks):
                self.blame(judged, "a state that Redis never held")
            return None
        ahead = [each for each in places if each >= self.floor]
        if not ahead:
            self.blame(judged, "the node went back")
            return None
        for place in ahead:
            held = self.held[place]
            if held.since > sent.taken:
                continue
            if stale or self.end(place, held.until) >= sent.started - self.bound:
                self.restarted = False
                return place
        last = self.held[ahead[-1]]
        self.blame(judged, f"older than promised: gone {sent.started - self.end(ahead[-1], last.until):.3f} s before "
                           f"MAIL, begun {sent.taken - last.since:.3f} s before its answer")
        return None

    def check_policies(self, sent, judged, stale):
        if sorted(who for who, _, _ in judged.decisions) != sorted(sent.recipients):
            self.blame(judged, f"recipients were {sent.recipients}")
            return
        for who, action, policy in judged.decisions:
            self.counts["decisions"] += 1
            self.check_decision(sent, judged, stale, (who, action, policy))

    def check_decision(self, sent, judged, stale, decision):
        """A question mark after the policy: rows before it were never known to the node and could not be asked for."""
        who, action, policy = decision
        unsure = policy.endswith("?")
        policy = policy.rstrip("?")
        if unsure and not stale:
            self.blame(judged, "unknown policies without stale=")
        for key in (who, "@" + who.partition("@")[2], "*"):
            wanted = action if key == policy else None
            if (wanted or not unsure) and not self.advance(sent, stale, key, judged.verdict, wanted):
                self.blame(judged, f"policy {key} did not say {wanted} for {judged.verdict} then, but "
                                   + self.times(sent, key, judged.verdict))
            if wanted:
                return
        if policy != "default" or action != DEFAULTS[judged.verdict]:
            self.blame(judged, "no policy says this")

    def times(self, sent, key, verdict):
        """What a key's policy said around a message, in seconds after MAIL, * what was seen of it last."""
        return ", ".join(f"{'*' if at == self.floors[key] else ''}{(run.row or {}).get(verdict)} from "
                         f"{run.since - sent.started:.3f} to {self.end(run.place, run.until) - sent.started:.3f}"
                         for at, run in enumerate(self.runs_of(key))
                         if run.since < sent.ended + 1 and self.end(run.place, run.until) > sent.started - 10)

    def advance(self, sent, stale, key, verdict, wanted):
        """Whether the policy said so at some moment that counts, no earlier than what was seen of it before."""
        runs = self.runs_of(key)
        for at in range(self.floors[key], len(runs)):
            run = runs[at]
            if run.since > sent.ended or (run.row or {}).get(verdict) != wanted:
                continue
            if stale or self.end(run.place, run.until) >= sent.started - self.bound:
                self.floors[key] = at
                return True
        return stale and self.remembers and key not in self.floors and self.older.said(key, verdict, wanted)


def is_blocked(state, group):
    rows = state.tables["networks"]
    good = {key: value.split()[0] for key, value in rows.items() if key.endswith("::/48")}
    return "allow" in good.values() and good.get(group_network(group)) != "allow"


def hits(state, subject):
    found = {}
    for name, text in state.tables["rules"].items():
        score, word = RULE.match(text).groups()
        if word in subject:
            found[name] = float(score)
    return sorted(found), sum(found.values())


def check_node(node, checker):
    """Checks everything that a node has judged since it began."""
    starts = list(node.starts)
    for judged in node.judged():
        sent = node.sent.get(judged.client)
        if sent is None or sent.started is None:
            continue
        sent.taken = sent.taken or math.inf
        sent.ended = sent.ended or math.inf
        while starts and starts[0] < sent.started:
            starts.pop(0)
            checker.forget()
        checker.check(sent, judged)
    return checker
