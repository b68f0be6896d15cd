# SPDX-License-Identifier: GPL-2.0-or-later
"""What Redis holds for Postern, and what edits make of it: a second opinion on the daemon's own, in Python."""
import hashlib

TABLES = ("networks", "rules", "domains", "keys")
SIZE = len(TABLES) + 1  # replies for the tables and the generation, before those for policies


def first_address(group):
    """Clients of a group come from the /48 that begins here."""
    return f"2001:db8:{group:x}::" if group else "2001:db8::"


def group_network(group):
    return first_address(group) + "/48"


class State:
    """Tables, generation and the policies of a few keys.  Never changed once it is in a history."""

    def __init__(self):
        self.tables = {name: {} for name in TABLES}
        self.generation = 0
        self.policies = {}

    def copy(self):
        other = State()
        other.tables = {name: dict(rows) for name, rows in self.tables.items()}
        other.generation = self.generation
        other.policies = {who: dict(row) for who, row in self.policies.items()}
        return other

    def __eq__(self, other):
        return (self.tables == other.tables and self.generation == other.generation
                and self.policies == other.policies)

    __hash__ = None

    def digest(self):
        """As postern-redis(5) defines it."""
        text = b"".join(f"{name}\0{key}\0{self.tables[name][key]}\0".encode()
                        for name in TABLES for key in sorted(self.tables[name], key=str.encode))
        return hashlib.blake2b(text, digest_size=16).hexdigest()[:16]

    def with_first_key(self, text):
        other = self.copy()
        other.tables["keys"]["k1"] = text
        return other


def reading(policy_keys):
    """The commands that read a state."""
    return ([("HGETALL", "postern:" + name) for name in TABLES] + [("GET", "postern:generation")]
            + [("HGETALL", "postern:policy:" + who) for who in policy_keys])


def pairs(flat):
    return dict(zip(flat[::2], flat[1::2]))


def state_of(replies, policy_keys):
    """A state of the replies to reading()."""
    out = State()
    for name, flat in zip(TABLES, replies):
        out.tables[name] = pairs(flat)
    out.generation = int(replies[len(TABLES)] or 0)
    for who, flat in zip(policy_keys, replies[SIZE:]):
        if flat:
            out.policies[who] = pairs(flat)
    return out


class Edit:
    """Commands for Redis, and the same for a State."""

    def __init__(self, words, commands, change):
        self.words = words
        self.commands = commands
        self.change = change

    def after(self, state):
        other = state.copy()
        self.change(other)
        return other


def set_row(state, table, key, value):
    """value None: the row goes."""
    rows = state.policies if table == "policy" else state.tables[table]
    if value is None:
        rows.pop(key, None)
    elif table == "policy":
        rows[key] = dict(each.split("=") for each in value.split())
    else:
        rows[key] = value


def empty(state):
    state.__init__()


def direct(table, key, value):
    """As redis-cli does it: no new generation."""
    def change(state):
        set_row(state, table, key, value)
    if table != "policy":
        command = (("HDEL", f"postern:{table}", key) if value is None else ("HSET", f"postern:{table}", key, value))
        return Edit("direct", [command], change)
    commands = [("DEL", "postern:policy:" + key)]
    if value is not None:
        commands.append(("HSET", "postern:policy:" + key, *(word for each in value.split()
                                                             for word in each.split("="))))
    return Edit("direct", commands, change)


def scripted(script, table, rows):
    """As `postern` does it: its own script, rows a list of (key, value or None)."""
    blob = "".join(f"-{key}\n" if value is None else f"+{key}\t{value}\n" for key, value in rows)
    name = "postern:policy:" if table == "policy" else "postern:" + table

    def change(state):
        state.generation += 1
        for key, value in rows:
            set_row(state, table, key, value)
    return Edit("script", [("EVAL", script, "3", "postern:generation", "postern:changes", name, table, "proof",
                            "2026-01-01T00:00:00Z", blob, "1", str(len(rows)))], change)


def several(edits):
    """Edits in one transaction."""
    def change(state):
        for each in edits:
            each.change(state)
    return Edit("transaction", [command for each in edits for command in each.commands], change)


def flush():
    return Edit("FLUSHALL", [("FLUSHALL",)], empty)


def restore(old, policy_keys):
    """A backup comes back: all tables as they were in `old`."""
    commands = [("DEL", *["postern:" + name for name in TABLES], *["postern:policy:" + who for who in policy_keys])]
    for name, rows in old.tables.items():
        if rows:
            commands.append(("HSET", "postern:" + name, *(word for row in rows.items() for word in row)))
    for who, row in old.policies.items():
        commands.append(("HSET", "postern:policy:" + who, *(word for pair in row.items() for word in pair)))
    commands.append(("SET", "postern:generation", str(old.generation)))

    def change(state):
        copy = old.copy()
        state.tables, state.generation, state.policies = copy.tables, copy.generation, copy.policies
    return Edit("restore", commands, change)
