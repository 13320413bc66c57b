"""A timd for tests, and clients of it."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import tim

PACKAGE = Path(__file__).resolve().parents[1]
WAIT = 20


class Server:
    """A timd of its own in a folder of its own."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="tim-python-")
        self.data = Path(self.folder.name) / "timd"
        self.timd = os.environ["TIMD"]
        self.log = open(Path(self.folder.name) / "timd.log", "w")
        self.start("127.0.0.1:0")

    def start(self, listen):
        command = [self.timd, "serve", "--data", self.data, "--listen", listen]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            ready = re.match(r"READY url=(\S+) ca=(.*) app_id=(\d+)$", line.strip())
            if ready:
                self.url, self.ca, self.app_id = ready[1], ready[2], int(ready[3])
                return
        raise RuntimeError("timd did not start")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def start_again(self):
        """After a kill, where clients look for it."""
        self.start("127.0.0.1:" + re.search(r":(\d+)", self.url)[1])

    def ticket(self, user, expire="7d"):
        command = [self.timd, "usersig", "--user", user, "--data", self.data, "--expire", expire]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
        self.log.close()
        self.folder.cleanup()


class WithServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def client(self, **more):
        folder = tempfile.TemporaryDirectory(prefix="tim-client-")
        self.addCleanup(folder.cleanup)
        client = tim.Client(
            self.server.app_id,
            server_url=self.server.url,
            server_ca_file=self.server.ca,
            config_file_path=folder.name + "/data",
            log_file_path=folder.name + "/log",
            **more,
        )
        self.addCleanup(client.close)
        return client

    def program(self, code, user, **more):
        """Runs a program that finds APP, URL, CA, DATA and SIG in its environment."""
        with tempfile.TemporaryDirectory() as folder:
            env = {
                **os.environ, "PYTHONPATH": str(PACKAGE), "APP": str(self.server.app_id),
                "URL": self.server.url, "CA": self.server.ca, "DATA": folder,
                "SIG": self.server.ticket(user), **more,
            }  # fmt: skip
            return subprocess.run(
                [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code],
                env=env, timeout=WAIT, capture_output=True, text=True
            )

    def login(self, client, user):
        self.assertIsNone(client.login(user, self.server.ticket(user)).result(WAIT))
