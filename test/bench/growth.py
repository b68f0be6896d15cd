# SPDX-License-Identifier: GPL-2.0-or-later
"""Cost a message against the number of rules, networks, policies, connections, and the size of the message."""
import base64
import email
import os
import re
import subprocess

from measure import Mail, drive, generate, rss_bytes, with_redis
from lib.run import program
from lib.servers import Postern

MOST = int(os.environ.get("POSTERN_BENCH_MOST", "1000000"))


def up_to(most):
    count = 10
    while count <= min(most, MOST):
        yield count
        count *= 10


def rules(bench):
    """Rules: microseconds to judge one set of facts, by what the patterns begin with (rules_bench)."""
    del bench
    done = subprocess.run([program("test/bench/rules_bench"), str(min(10_000, MOST))], capture_output=True, text=True,
                          check=True)
    lines = {}
    for line in done.stdout.splitlines():
        found = re.match(r"(.+?)\s+(\d+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)$", line)
        if not found:
            continue
        name, count = found[1].strip(), int(found[2])
        lines.setdefault(name, []).append((count, float(found[4])))
        if float(found[7]) > 0:
            lines.setdefault(f"PCRE2 alone: {name}", []).append((count, float(found[7])))
    return lines, done.stdout


def daemon_at(bench, name, counts, table, mail):
    """CPU milliseconds a message with a table of each size."""
    line = []
    for count in counts:
        directory = f"{name}-{count}"
        daemon = Postern(bench, name=directory, tables=table(count))
        bench.add(daemon)
        drive(daemon, mail, seconds=0.3)
        line.append((count, drive(daemon, mail).cpu))
        daemon.stop()
    return line


def networks(bench, mail):
    """CPU a message of the whole daemon against rows of the network table."""
    def table(count):
        rows = (f"{10 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.{number % 7 * 32}/27 allow\n"
                for number in range(count - 1))
        return {"networks": "198.51.100.0/24 allow\n" + "".join(rows), "domains": "example.com enforce\n"}
    return {"plain mail": daemon_at(bench, "networks", up_to(1_000_000), table, mail)}


def policies(bench, redis, mail):
    """CPU a message, Redis included, against rows of the policy table; each message is to somebody else."""
    redis.cli("FLUSHALL")
    redis.cli("HSET", "postern:networks", "198.51.100.0/24", "allow")
    daemon = with_redis(bench, redis, name="policies")
    mail = Mail(mail.name, mail.sender, "user%u@example.com", mail.paths)
    line, have = [], 0
    for count in up_to(1_000_000):
        redis.cli("EVAL", "for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do redis.call('HSET', "
                  "'postern:policy:user' .. i .. '@example.com', 'spam', 'tag', 'surespam', 'tag') end", "0",
                  str(have), str(count - 1))
        have = count
        drive(daemon, mail, seconds=0.3)
        line.append((count, drive(daemon, mail).cpu))
    daemon.stop()
    return {"PDF spam": line}


def with_attachments(path, name, kind, parts, size=0):
    """A multipart/mixed message with these (type, file name, bytes) parts; `size` bytes of noise where given."""
    lines = ["From: anna@example.org", "To: alice@example.com", "Subject: growth", f"Message-ID: <{name}@example.org>",
             "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="part"', "", "--part",
             "Content-Type: text/plain", "", "See below.", ""]
    for content, file, data in parts:
        lines += ["--part", f"Content-Type: {content}; name={file}", "Content-Transfer-Encoding: base64", "",
                  base64.encodebytes(data).decode().replace("\n", "\r\n").rstrip(), ""]
    if kind == "noise":
        lines += ["--part", "Content-Type: application/octet-stream; name=a.bin", "Content-Transfer-Encoding: base64",
                  "", base64.encodebytes(os.urandom(size)).decode().replace("\n", "\r\n").rstrip(), ""]
    lines += ["--part--", ""]
    path.write_bytes("\r\n".join(lines).encode())
    return str(path)


def text_mail(path, size):
    line = "The quick brown fox jumps over the lazy dog, and does so again and again.\r\n"
    head = f"From: anna@example.org\r\nTo: alice@example.com\r\nMessage-ID: <{size}@example.org>\r\nSubject: x\r\n\r\n"
    path.write_bytes((head + line * (size // len(line) + 1)).encode())
    return str(path)


def sizes(bench):
    """CPU a message against its size, and the most memory that daemon and workers took."""
    daemon = bench.add(Postern(bench, name="sizes"))
    lines = {"text": [], "attachment": [], "outbound": []}
    memory = []
    for size in (size for size in (1000, 10_000, 100_000, 1_000_000, 10_000_000, 50_000_000) if size <= 50 * MOST):
        text = text_mail(bench.path(f"text-{size}.eml"), size)
        attached = with_attachments(bench.path(f"attached-{size}.eml"), f"a{size}", "noise", [], size * 3 // 4)
        for name, path, options in (("text", text, ()), ("attachment", attached, ()),
                                    ("outbound", attached, ("--auth", "user"))):
            mail = Mail(name, "anna@example.org", "alice@example.com", [path], options)
            lines[name].append((size, drive(daemon, mail, connections=1, seconds=0.6).cpu or 0.01))
        memory.append((size, rss_bytes(daemon.pid) / 1e6))
    daemon.stop()
    return lines, {"after that size": memory}


def leaf(path):
    """The decoded bytes of the first PDF of a message, whatever its type says."""
    with open(path, "rb") as file:
        message = email.message_from_binary_file(file)
    parts = (part.get_payload(decode=True) or b"" for part in message.walk() if not part.is_multipart())
    return next(data for data in parts if data.startswith(b"%PDF"))


def files(bench):
    """CPU a message against the PDFs and the pictures in it."""
    daemon = bench.add(Postern(bench, name="files"))
    scans = generate(bench.path("growth-scan"), "scan", count=16)
    pdfs = [leaf(path) for path in scans]
    pictures = [pdf[pdf.find(b"\xff\xd8\xff"):pdf.rfind(b"\xff\xd9") + 2] for pdf in pdfs]
    lines = {"PDFs": [], "JPEG pictures": []}
    for count in (1, 2, 4, 8, 16):
        for name, content, data in (("PDFs", "application/pdf", pdfs), ("JPEG pictures", "image/jpeg", pictures)):
            parts = [(content, f"{n}.bin", data[n]) for n in range(count)]
            path = with_attachments(bench.path(f"{content[-4:]}-{count}.eml"), f"{name[0]}{count}", "", parts)
            lines[name].append((count, drive(daemon, Mail(name, "anna@example.org", "alice@example.com", [path]),
                                             connections=2).cpu))
    daemon.stop()
    return lines


def connections(servers, mail):
    """Messages a second and p99 against connections at once."""
    rates, tails = {}, {}
    for count in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        for name, server in servers.items():
            run = drive(server, mail, connections=count)
            rates.setdefault(name, []).append((count, run.rate))
            tails.setdefault(name, []).append((count, run.p99))
    return rates, tails

