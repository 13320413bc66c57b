#!/usr/bin/env python3
"""The demo: a fresh timd, alice in C, bob in Python, and what each of them sees.

Nothing is faked: the script types into the two example programs and reads what they print. It ends
with 0 only when each has seen what it should, and with 1 as soon as something does not come.
`make demo` builds what it needs and runs it.
"""

import argparse
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30  # seconds for one thing to happen
COLOURS = {"timd": "\033[2m", "alice": "\033[36m", "bob": "\033[33m"}


class Failed(Exception):
    pass


def show(name, text):
    line = f"{name:>5} | {text}"
    if sys.stdout.isatty():
        line = COLOURS.get(name, "") + line + "\033[0m"
    print(line, flush=True)


class Program:
    """A program whose lines are shown and can be waited for."""

    def __init__(self, name, command, env):
        self.name, self.lines = name, queue.Queue()
        self.process = subprocess.Popen(
            command, env=env, text=True, encoding="utf-8", errors="replace",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            line = line.rstrip("\n")
            # timd's own log is for its operator.
            if self.name != "timd" or line.startswith(("timd ", "  ", "READY ")):
                show(self.name, line)
            self.lines.put(line)
        self.lines.put(None)

    def sees(self, text):
        """Waits until the program prints `text`, and tells the line."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise Failed(f"{self.name} did not print {text!r} in {PATIENCE} s") from None
            if line is None:
                raise Failed(f"{self.name} ended without having printed {text!r}")
            if text in line:
                return line

    def types(self, text):
        show(self.name, "> " + text)
        try:
            self.process.stdin.write(text + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"{self.name} has ended, so nothing can be typed") from None

    def ends(self):
        """Waits for the end, which has to be a good one."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end") from None
        if code != 0:
            raise Failed(f"{self.name} ended with exit code {code}")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join(5)


def start(name, programs, command, env):
    program = Program(name, [str(part) for part in command], env)
    programs.append(program)
    return program


def serve(timd, library, folder, programs):
    """A fresh server, and what a user's program needs in its environment."""
    data = folder / "timd"
    server = start(
        "timd", programs, [timd, "serve", "--data", data, "--listen", "127.0.0.1:0"], os.environ
    )
    ready = re.match(r"READY url=(?P<url>\S+) ca=(?P<ca>.*) app_id=(?P<app_id>\d+)$", server.sees("READY "))

    def env(user):
        mint = [timd, "usersig", "--user", user, "--data", data, "--expire", "7d"]
        ticket = subprocess.run(mint, check=True, capture_output=True, text=True).stdout.strip()
        return {
            **os.environ,
            "TIM_SERVER_URL": ready["url"],
            "TIM_SERVER_CA": ready["ca"],
            "TIM_APP_ID": ready["app_id"],
            "TIM_USER_SIG": ticket,
            "TIM_LIBRARY_PATH": str(library),
            "PYTHONPATH": str(ROOT / "bindings/python"),
            # Databases and logs of this demo, not those of the user who runs it.
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_STATE_HOME": str(folder / "state"),
        }

    return server, env


def demo(args, folder, programs):
    server, env = serve(args.timd, args.library, folder, programs)
    alice = start("alice", programs, [args.chat, "alice", "bob"], env("alice"))
    alice.sees("logged in as alice")
    alice.sees("conversations:")
    bob = start(
        "bob", programs, [sys.executable, ROOT / "examples/python/chat.py", "bob", "alice"], env("bob")
    )
    bob.sees("logged in as bob")
    bob.sees("alice is online")
    bob.sees("conversations:")
    alice.sees("bob is online")

    alice.types("Hello bob, this is C speaking.")
    alice.sees("sent")
    bob.sees("alice: Hello bob, this is C speaking.")
    alice.sees("bob has read your messages")
    alice.types("/edit Hello bob, this is C99 speaking.")
    bob.sees("changed:")
    bob.sees("alice: Hello bob, this is C99 speaking.")
    bob.types('Hi alice! "Python" here: 你好 👋')
    bob.sees("sent")
    alice.sees('bob: Hi alice! "Python" here: 你好 👋')
    bob.sees("alice has read your messages")

    bob.types("Oops.")
    bob.sees("sent")
    alice.sees("bob: Oops.")
    bob.types("/undo")
    bob.sees("taken back")
    alice.sees("bob has taken a message back")

    alice.types("/list")
    alice.sees("bob, 0 unread")
    alice.sees("bob: (taken back)")
    bob.types("/history")
    bob.sees("alice: Hello bob, this is C99 speaking.")
    bob.sees('bob: Hi alice! "Python" here: 你好 👋')
    bob.sees("bob: (taken back)")

    bob.types("/quit")
    bob.sees("logged out")
    bob.ends()
    alice.sees("bob is logged out")
    alice.types("/quit")
    alice.sees("logged out")
    alice.ends()
    server.stop()
    if server.process.returncode != 0:
        raise Failed(f"timd ended with exit code {server.process.returncode}")


NEXT = """
That was a C program and a Python script, each with its own copy of libtim, talking through timd
over TLS. To chat yourself, in three terminals:

    make serve       a server that stays, with its data in .build/serve
    make chat-c      you are alice, in C        (ME=alice TO=bob)
    make chat-py     you are bob, in Python     (ME=bob TO=alice)

Then read examples/c/chat.c, examples/python/chat.py and include/tim.h. `make help` lists the rest.
"""


def main():
    parser = argparse.ArgumentParser(description="alice and bob talk through a fresh server")
    parser.add_argument("--timd", type=Path, required=True, help="the server's binary")
    parser.add_argument("--chat", type=Path, required=True, help="examples/c/chat.c, compiled")
    parser.add_argument("--library", type=Path, required=True, help="libtim.so")
    args = parser.parse_args()
    folder, programs = Path(tempfile.mkdtemp(prefix="tim-demo-")), []
    begin = time.monotonic()
    try:
        demo(args, folder, programs)
    except Failed as failure:
        print(f"demo: FAILED: {failure}", file=sys.stderr)
        print(f"demo: server data, databases and logs are in {folder}", file=sys.stderr)
        return 1
    finally:
        for program in reversed(programs):
            program.stop()
    shutil.rmtree(folder)
    print(f"\ndemo: each saw the other come, write, read and go ({time.monotonic() - begin:.1f} s)")
    print(NEXT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
