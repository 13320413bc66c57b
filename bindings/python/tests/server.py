"""A timd for tests."""

import os
import re
import subprocess
import tempfile
from pathlib import Path


class Server:
    """A timd of its own in a folder of its own."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="tim-python-")
        self.data = Path(self.folder.name) / "timd"
        self.timd = os.environ["TIMD"]
        command = [self.timd, "serve", "--data", self.data, "--listen", "127.0.0.1:0"]
        self.log = open(Path(self.folder.name) / "timd.log", "w")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            ready = re.match(r"READY url=(\S+) ca=(.*) app_id=(\d+)$", line.strip())
            if ready:
                self.url, self.ca, self.app_id = ready[1], ready[2], int(ready[3])
                return
        raise RuntimeError("timd did not start")

    def ticket(self, user):
        command = [self.timd, "usersig", "--user", user, "--data", self.data, "--expire", "7d"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
        self.log.close()
        self.folder.cleanup()
