# SPDX-License-Identifier: GPL-2.0-or-later
"""Forged bounces, made from real ones by mutation."""

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"


class Forger:
    """`bases`: raw bounces; `harvested`: (stamp, Message-ID, recipient) of mail that really was sent;
    `transplant(raw, header, message_id)` gives the bounce about another original, first of a tuple."""

    def __init__(self, chance, transplant, bases, harvested):
        self.chance, self.transplant, self.bases, self.harvested = chance, transplant, bases, harvested

    def make(self, spoilt):
        """A forged report; with `spoilt` no stamp, Message-ID or recipient in it is one that was harvested."""
        stamp, name, friend = self.chance.choice(self.harvested)
        if spoilt:
            stamp, name, friend = self.spoil_stamp(stamp), self.spoil_name(name), "nobody.known@example.net"
        header = f"X-Postern-ID: {stamp}".encode() if self.chance.random() < 0.7 else None
        message_id = name.encode() if header is None or self.chance.random() < 0.7 else None
        data = self.transplant(self.chance.choice(self.bases), header, message_id)[0]
        extra = ""
        if self.chance.random() < 0.3:
            extra += f"X-Failed-Recipients: {friend}\n"
        if self.chance.random() < 0.3:
            extra += f"{self.chance.choice(['In-Reply-To', 'References', 'Original-Message-ID'])}: {name}\n"
        if self.chance.random() < 0.1:
            extra += f"X-Postern-ID: {stamp}\n"
        if data.startswith(b"From "):
            data = data.partition(b"\n")[2]
        return extra.encode() + self.damage(data)

    def spoil_stamp(self, stamp):
        """Another stamp that looks like it."""
        version, key, middle, mac = stamp.split(".")
        ways = (lambda: self.change(stamp),
                lambda: stamp[:self.chance.randrange(1, len(stamp))],
                lambda: ".".join((version, "k" + str(self.chance.randrange(2, 100)), middle, mac)),
                lambda: ".".join((version, key, self.other()[2], mac)),
                lambda: ".".join((version, key, middle, self.other()[3][:-1] + "!")),
                lambda: ".".join((version, key, "%04x" % self.chance.randrange(65536) + middle[4:], self.change(mac))),
                lambda: ".".join((version, key, middle, "".join(self.chance.choices(ALPHABET, k=22)))),
                lambda: ".".join((version, key, middle, mac[::-1])),
                lambda: stamp + self.chance.choice(ALPHABET),
                lambda: "2" + stamp[1:])
        spoilt = self.chance.choice(ways)()
        return self.change(stamp) if spoilt in [each[0] for each in self.harvested] else spoilt

    def spoil_tag(self, tagged, other):
        """A tagged address that was not made for its owner, or was altered; `other` is the tag of somebody else."""
        value, local = tagged[5:15], tagged[16:]
        at = self.chance.randrange(10)
        new = self.chance.choice([each for each in ("0123456789" if at < 4 else "0123456789abcdef") if each != value[at]])
        guess = value[:4] + f"{(int(value[4:], 16) + self.chance.randrange(1, 1 << 24)) % (1 << 24):06x}"
        return f"prvs={self.chance.choice([value[:at] + new + value[at + 1:], other[5:15], guess])}={local}"

    def other(self):
        return self.chance.choice(self.harvested)[0].split(".")

    def spoil_name(self, name):
        local, _, domain = name.strip("<>").partition("@")
        return self.chance.choice([f"<x{local}@{domain}>", f"<{local}x@{domain}>", f"<{local}@{domain}.example>",
                                   f"<{self.chance.randrange(10**9)}@{domain}>"])

    def change(self, text):
        """The text with one character replaced by another."""
        at = self.chance.randrange(len(text))
        new = self.chance.choice([each for each in ALPHABET if each != text[at]])
        return text[:at] + new + text[at + 1:]

    def damage(self, data):
        """Sometimes the bytes suffer on the way."""
        if self.chance.random() < 0.5:
            return data
        lines = data.splitlines(keepends=True)
        for _ in range(self.chance.randrange(1, 6)):
            at = self.chance.randrange(len(lines))
            way = self.chance.randrange(4)
            if way == 0:
                lines.insert(at, lines[at])
            elif way == 1 and len(lines) > 1:
                del lines[at]
            elif way == 2 and lines[at].strip():
                where = self.chance.randrange(len(lines[at].rstrip()))
                lines[at] = lines[at][:where] + bytes([self.chance.randrange(1, 256)]) + lines[at][where + 1:]
            elif self.chance.random() < 0.1:
                lines = lines[:max(at, 1)]
        return b"".join(lines)
