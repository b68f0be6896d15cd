# SPDX-License-Identifier: GPL-2.0-or-later
"""Mail for measurements: the generator's messages brought to an ordinary size."""
import re

ORDINARY = 6 * 1024  # bytes of an ordinary message of text
LINE = b"The quick brown fox jumps over the lazy dog, and so it goes on for some lines of ordinary text.\r\n"


def padded(message, size=ORDINARY):
    """The message, of CRLF lines, with lines of text at the start of each text part until it has that size."""
    starts = [found.end() for found in re.finditer(rb"^Content-Type: text/(?:.|\r\n(?!\r\n))*\r\n\r\n", message,
                                                   re.M | re.I)] or [message.index(b"\r\n\r\n") + 4]
    lines = max(0, size - len(message)) // len(LINE) // len(starts)
    for start in reversed(starts):
        message = message[:start] + LINE * lines + message[start:]
    return message
