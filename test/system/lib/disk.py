# SPDX-License-Identifier: GPL-2.0-or-later
"""A file system of its own, so that it can be full."""
import subprocess

from .run import Skip


class SmallDisk:
    def __init__(self, bench, megabytes):
        self.path = bench.path("small")
        self.path.mkdir()
        self.megabytes = megabytes

    def start(self):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.megabytes}m,mode=755", "tmpfs", self.path],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Skip(f"no file system can be mounted: {done.stderr.strip()}")

    def stop(self):
        subprocess.run(["umount", "-l", self.path], check=False, capture_output=True)
