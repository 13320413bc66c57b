#!/usr/bin/env python3
"""The desktop examples in C++: alice in a real window under a virtual display, bob in the example
with GLib's main loop. Keys are pressed in the window, and bob sees what was written.

`--picture FILE` keeps a picture of the window at the end.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples/demo"))
from run import Failed, PATIENCE, serve, start  # noqa: E402


def display(programs):
    """A virtual screen with a number that nobody has."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "800x520x24", "-nolisten", "tcp"]
    screen = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        number = pipe.readline().strip()
    if not number:
        raise Failed("Xvfb did not start")
    return screen, f":{number}"


def tool(screen, *command):
    env = {**os.environ, "DISPLAY": screen}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip()


def until(what, ask):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if answer := ask():
                return answer
        except subprocess.CalledProcessError:
            pass
        time.sleep(0.1)
    raise Failed(f"{what} did not come in {PATIENCE} s")


def desktop(args, folder, programs, screen):
    server, env = serve(args.timd, args.library, folder, programs)
    # The library is found beside the programs.
    def more(user):
        return {**env(user), "LD_LIBRARY_PATH": str(args.library.parent), "DISPLAY": screen}

    # Her first login makes her account; before it nobody can write to her.
    first = start("alice", programs, [args.glib, "alice", "bob"], more("alice"))
    first.sees("you are alice")
    first.process.stdin.close()
    first.ends()
    bob = start("bob", programs, [args.glib, "bob", "alice"], more("bob"))
    bob.sees("you are bob")
    alice = start("alice", programs, [args.qt, "alice", "bob"], more("alice"))
    window = until("the window", lambda: tool(screen, "xdotool", "search", "--name", "libtim: alice"))

    # From the other side first: the receipt says that the window has logged in and shown it.
    bob.types("Hello alice, are you there?")
    bob.sees("alice has read your messages")
    tool(screen, "xdotool", "windowfocus", "--sync", window)
    tool(screen, "xdotool", "type", "--delay", "20", "I am, in a window")
    tool(screen, "xdotool", "key", "Return")
    bob.sees("alice: I am, in a window")
    bob.types("And I in a terminal, with <b>GLib</b>. Grüße!")
    bob.sees("alice has read your messages")
    # It has been drawn when the picture has more than a window's own few colours.
    picture = folder / "window.png"

    def drawn():
        tool(screen, "import", "-window", "root", str(picture))
        return int(tool(screen, "identify", "-format", "%k", str(picture))) > 50

    until("a picture with text in it", drawn)
    if alice.process.poll() is not None:
        raise Failed("the window is gone")
    tool(screen, "xdotool", "windowclose", window)
    if args.picture:
        args.picture.write_bytes(picture.read_bytes())
    bob.process.stdin.close()
    bob.ends()
    server.stop()


def main():
    parser = argparse.ArgumentParser(description="the desktop examples under a virtual display")
    parser.add_argument("--timd", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True, help="libtim.so, with its soname beside it")
    parser.add_argument("--qt", type=Path, required=True, help="examples/cpp/desktop.cpp, compiled")
    parser.add_argument("--glib", type=Path, required=True, help="examples/cpp/glib_chat.cpp, compiled")
    parser.add_argument("--picture", type=Path, help="where the picture goes")
    args = parser.parse_args()
    programs = []
    with tempfile.TemporaryDirectory(prefix="tim-desktop-") as folder:
        screen, number = display(programs)
        try:
            desktop(args, Path(folder), programs, number)
        except Failed as failure:
            if args.picture:
                tool(number, "import", "-window", "root", str(args.picture))
            print(f"desktop: FAILED: {failure}", file=sys.stderr)
            return 1
        finally:
            for program in reversed(programs):
                program.stop()
            screen.terminate()
            screen.wait()
    print("desktop: a window and a terminal, in two main loops, saw what the other wrote and read")
    return 0


if __name__ == "__main__":
    sys.exit(main())
