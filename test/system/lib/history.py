# SPDX-License-Identifier: GPL-2.0-or-later
"""Every state that Redis held, in order, and when.

An epoch is one server's time as the master.  The author (lib/author.py) is the only one who edits, reads the state in
the transaction of each edit, and so knows all states but those that an edit without an answer may have made: these are
computed, and the next reading tells which of them came true.  Daemons may add one thing, the first signing key; any
other difference is somebody writing back.  A new master begins with some state of the one before it (replication loses
the end, never the middle).

Times are a monotonic clock's.  `since` is the earliest moment at which the state can have begun, `until` the latest at
which it can have ended; None: not before the epoch ends.
"""


class Broken(AssertionError):
    """Redis holds what nobody who may write has written."""


class Held:
    """A state and its times."""

    def __init__(self, state, since):
        self.state = state
        self.since = since
        self.until = None
        self.mark = (state.generation, state.digest())


class Epoch:
    """One server's states while it is the master; `maybe` follow `states` if their edits were carried out."""

    def __init__(self, number, server, run_id, opened):
        self.number = number
        self.opened = opened
        self.server = server
        self.run_id = run_id
        self.states = []
        self.maybe = []

    def add(self, held, at):
        """`held` follows; the state before it ended at `at` at the latest."""
        if self.states:
            self.states[-1].until = at
        self.states.append(held)

    def all(self):
        return self.states + self.maybe


def is_first_key(before, now):
    """Whether a daemon has made the first key, and nothing else has changed."""
    return (not before.tables["keys"] and list(now.tables["keys"]) == ["k1"]
            and before.with_first_key(now.tables["keys"]["k1"]) == now)


class History:
    """Begins with the state that was read at `since` from a server."""

    def __init__(self, server, run_id, state, since):
        self.epochs = [Epoch(0, server, run_id, since)]
        self.present.add(Held(state, since), since)
        self.edits = 0
        self.lost = 0

    @property
    def present(self):
        return self.epochs[-1]

    @property
    def last(self):
        return self.present.states[-1]

    def meet(self, state, at):
        """`state` was read at `at`, and nobody but daemons has written since the last one."""
        last = self.last
        if state == last.state:
            return
        if not is_first_key(last.state, state):
            raise Broken(f"a write that is not the author's: {describe(last.state, state)}")
        self.present.add(Held(state, last.since), at)

    def edited(self, before, edit, sent, answered):
        """An edit that was sent at `sent` found `before` and was carried out by `answered`."""
        self.meet(before, answered)
        self.present.add(Held(edit.after(before), sent), answered)
        self.edits += 1

    def unanswered(self, edits, sent):
        """Edits that were sent, in this order, and may have been carried out."""
        for edit in edits:
            self.present.maybe.append(Held(edit.after(self.present.all()[-1].state), sent))

    def unmet(self, server, at):
        """This server was named the master at `at`, and the author has not met it: it held some state of the one
        before it, unless it was filled later."""
        epoch = Epoch(len(self.epochs), server, None, at)
        epoch.states = [Held(each.state, each.since) for each in self.present.all()]
        self.epochs.append(epoch)

    def again(self, server, run_id, state, at):
        """The author is connected again, and read `state`; nothing that he sent before can be carried out any more."""
        epoch = self.present
        if (epoch.server, epoch.run_id) == (server, run_id):
            self.settle(epoch, state, at)
            return
        for old in reversed(self.epochs):
            place = find(old.all(), state)
            if place is not None:
                break
        else:
            raise Broken(f"a master begins with what none before it held: {describe(self.last.state, state)}")
        found = old.all()[place]
        self.lost += sum(len(each.states) for each in self.epochs[old.number + 1:])
        self.lost += max(0, len(old.states) - 1 - place)
        self.epochs.append(Epoch(len(self.epochs), server, run_id, at))
        self.present.add(Held(found.state, found.since), at)
        self.meet(state, at)

    @staticmethod
    def settle(epoch, state, at):
        """The same server: which of the unanswered edits came true."""
        chain = [epoch.states[-1], *epoch.maybe]
        place = find(chain, state)
        if place is None:
            raise Broken(f"the master holds what was not written: {describe(chain[0].state, state)}")
        for held in chain[1:place + 1]:
            epoch.add(held, at)
        epoch.maybe = []
        if chain[place].state != state:
            epoch.add(Held(state, chain[place].since), at)


def find(chain, state):
    """The last place whose state this is, or would be with the first key."""
    for place in range(len(chain) - 1, -1, -1):
        if chain[place].state == state or is_first_key(chain[place].state, state):
            return place
    return None


def describe(before, now):
    """What differs, for a person."""
    words = [f"generation {before.generation} -> {now.generation}"]
    for name in (*now.tables, "policy"):
        old, new = (each.policies if name == "policy" else each.tables[name] for each in (before, now))
        words += [f"{name} {key}: {old.get(key)} -> {new.get(key)}"
                  for key in sorted(set(old) | set(new)) if old.get(key) != new.get(key)]
    return "; ".join(words)
