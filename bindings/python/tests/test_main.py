"""The terminal chat, python -m tim, as somebody types into it."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from server import PACKAGE, WAIT, WithServer

PROGRAM = [sys.executable, "-m", "tim"]


class Terminal:
    """A program with a terminal of its own."""

    def __init__(self, test, arguments, env):
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            PROGRAM + arguments, env=env, stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.seen = ""
        test.addCleanup(self.stop)

    def sees(self, pattern):
        """Waits until this is printed, after what was waited for before."""
        end = time.monotonic() + WAIT
        while True:
            found = re.search(pattern, self.seen)
            if found:
                self.seen = self.seen[found.end() :]
                return found
            waits = select.select([self.ours], [], [], max(0, end - time.monotonic()))[0]
            if not waits or not self.read():
                raise AssertionError(f"{pattern!r} did not come: {self.seen!r}")

    def read(self):
        """What is there; false once it has ended."""
        try:
            while select.select([self.ours], [], [], 0)[0]:
                self.seen += os.read(self.ours, 65536).decode()
        except OSError:
            return False
        return True

    def types(self, line):
        os.write(self.ours, line.encode() + b"\n")

    def ends(self, code=0):
        found = self.process.wait(WAIT)
        if found != code:
            raise AssertionError(f"exit code {found}: {self.seen}")

    def stop(self):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)


class Chat(WithServer):
    def environment(self, user, **more):
        folder = tempfile.TemporaryDirectory(prefix="tim-main-")
        self.addCleanup(folder.cleanup)
        env = {k: v for k, v in os.environ.items() if not k.startswith("TIM_") or "LIBRARY" in k}
        return {
            **env, "PYTHONPATH": str(PACKAGE), "TERM": "dumb",
            "TIM_SERVER_URL": self.server.url, "TIM_SERVER_CA": self.server.ca,
            "TIM_APP_ID": str(self.server.app_id), "TIM_USER": user,
            "TIM_USER_SIG": self.server.ticket(user),
            "XDG_DATA_HOME": folder.name, "XDG_STATE_HOME": folder.name, **more,
        }  # fmt: skip

    def open(self, user, *arguments):
        return Terminal(self, list(arguments), self.environment(user))

    def test_two_people(self):
        anna = self.open("anna")
        anna.sees("logged in as anna")
        anna.sees("no conversations yet")
        anna.sees("0 unread")
        bert = self.open("bert", "anna")
        bert.sees("anna is online")
        bert.types("hello anna \x1b[31mred")
        anna.sees(r"\d\d:\d\d bert: hello anna")
        anna.types("/unread")
        anna.sees("1 unread")
        anna.types("/list")
        anna.sees(r"bert \(1 unread\) - hello anna")
        anna.types("words to nobody")
        anna.sees("who is meant")
        anna.types("/with bert")
        anna.sees("bert is online")
        bert.sees("anna has read your messages")
        anna.types("你好 bert")
        bert.sees("anna: 你好 bert")
        bert.types("/history")
        bert.sees("bert: hello anna")
        bert.sees("anna: 你好 bert")
        anna.types("/nonsense")
        anna.sees("there is no /nonsense")
        anna.types("/help")
        anna.sees("/quit")
        anna.types("/with no body")
        anna.sees("7003 TIM_ERR_SDK_COMM_INVALID_IDENTIFIER")
        anna.types("/quit")
        anna.sees("logged out")
        anna.ends()
        bert.sees("anna is logged out")
        os.write(bert.ours, b"\x04")
        bert.sees("logged out")
        bert.ends()

    def test_what_was_sent_is_changed_and_taken_back(self):
        hans = self.open("hans")
        hans.sees("0 unread")
        hans.types("/undo")
        hans.sees("nothing was sent yet")
        ines = self.open("ines", "hans")
        ines.sees("hans is online")
        ines.types("helo")
        hans.sees(r"ines: helo")
        ines.types("/edit")
        ines.sees("what should it say")
        ines.types("/edit hello hans")
        ines.sees(r"\* changed")
        hans.sees(r"\* changed: \d\d:\d\d ines: hello hans")
        ines.types("/undo")
        ines.sees(r"\* taken back")
        hans.sees(r"\* ines has taken a message back")
        hans.types("/with ines")
        hans.sees(r"ines: \(taken back\)")
        ines.types("/edit too late")
        ines.sees("8006 TIM_ERR_SDK_MSG_MODIFY_CONFLICT")

    def test_kicked_and_back(self):
        one = self.open("cora")
        one.sees("0 unread")
        two = self.open("cora")
        one.sees("somewhere else")
        one.types("/unread")
        one.sees("6014")
        two.sees("0 unread")
        one.types("/login")
        one.sees("logged in as cora")
        two.sees("somewhere else")

    def test_ctrl_c_leaves(self):
        one = self.open("dora")
        one.sees("dora> ")
        for _ in range(WAIT):
            one.process.send_signal(signal.SIGINT)
            try:
                one.process.wait(5)
                break
            except subprocess.TimeoutExpired:
                pass  # Python's input() does not see one that comes just before it waits.
        one.ends(1)
        one.read()
        self.assertIn("tim: interrupted", one.seen)

    def fails(self, code, words, *arguments, **env):
        done = subprocess.run(
            PROGRAM + list(arguments), env=self.environment("erik", **env), timeout=WAIT,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(words, done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_errors_can_be_read(self):
        self.fails(1, "tim: 70003 TIM_ERR_SVR_ACCOUNT_USERSIG_CHECK_FAILED: ", TIM_USER_SIG="x")
        self.fails(2, "who are you?", TIM_USER="")
        self.fails(2, "which app?", TIM_APP_ID="")
        self.fails(2, "which server?", TIM_SERVER_URL="")
        self.fails(2, "no ticket", TIM_USER_SIG="")
        self.fails(1, "tim: /nowhere/x.so", TIM_LIBRARY_PATH="/nowhere/x.so")
        self.fails(1, "tim: -4 TIM_ERR_PARAM: tim_init: ", "--server", "http://x")
        self.fails(1, "tim: app_id is", "--app-id", "0")
        self.fails(1, "tim: 5012 TIM_ERR_TLS_UNKNOWN_ISSUER", TIM_SERVER_CA="")

    def test_piped_lines(self):
        env = self.environment("fred")
        done = subprocess.run(
            PROGRAM + ["fred"], env=env, input="to myself\n/history\n", timeout=WAIT,
            capture_output=True, text=True,
        )  # fmt: skip
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("fred: to myself", done.stdout)


if __name__ == "__main__":
    unittest.main()
