"""What the documents say and what stands in the code are the same."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from server import Server

ROOT = Path(__file__).resolve().parents[3]
PROTOCOL = ROOT / "crates/protocol/src"


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def section(text, heading):
    """What stands under a heading, up to the next of the same level."""
    return re.search(rf"^{heading}\n(.*?)(?=^## |\Z)", text, re.M | re.S).group(1)


class Protocol(unittest.TestCase):
    page = read("docs/protocol.md")

    def test_operations(self):
        table = section(read(PROTOCOL / "ops.rs").replace("\nops! {", "\n## table\n"), "## table")
        in_code = re.findall(r'^    \w+ \w+ "([a-z_.]+)" ', table, re.M)
        in_page = re.findall(r"^### (\w+\.\w+)$", self.page, re.M)
        self.assertGreater(len(in_code), 10)
        self.assertEqual(in_code, in_page)

    def test_events(self):
        code = "".join(path.read_text() for path in PROTOCOL.glob("*.rs"))
        in_code = re.findall(r'pub const EV_\w+: &str = "([a-z_.]+)"', code)
        in_page = re.findall(r"^\| `(\w+\.\w+)` \|", section(self.page, "## Events"), re.M)
        self.assertGreater(len(in_code), 5)
        self.assertEqual(sorted(in_code), sorted(in_page))

    def test_close_codes(self):
        in_code = re.findall(r"pub const \w+: u16 = (\d+);", read(PROTOCOL / "frame.rs"))
        in_page = re.findall(r"^\| (\d{4}) \|", section(self.page, "## Close codes"), re.M)
        self.assertEqual(sorted(["1000", *in_code]), sorted(in_page))

    def test_own_codes(self):
        in_code = re.findall(r"^    (5[01]\d\d) (\w+) ", read(PROTOCOL / "codes.rs"), re.M)
        table = section(read("docs/errors.md"), "## libtim's own: 5000-5199")
        in_page = re.findall(r"^\| (5[01]\d\d) \| `(\w+)` \|", table, re.M)
        self.assertGreater(len(in_code), 20)
        self.assertEqual(in_code, in_page)


class Snippets(unittest.TestCase):
    def test_the_two_programs_of_the_readme_talk(self):
        (in_c,), (in_python,) = blocks(read("README.md"), "c"), blocks(read("README.md"), "python")
        library = Path(os.environ["TIM_LIBRARY_PATH"])
        server = Server()
        self.addCleanup(server.stop)
        folder = tempfile.TemporaryDirectory(prefix="tim-readme-")
        self.addCleanup(folder.cleanup)
        home = Path(folder.name)
        (home / "alice.c").write_text(in_c)
        (home / "bob.py").write_text(in_python)
        # The names that the linker and the loader look for.
        for name in ["libtim.so", "libtim.so.0"]:
            (home / name).symlink_to(library)
        compiler = [os.environ.get("CC", "cc"), "-std=c99", "-Wall", "-Werror", f"-I{ROOT}/include"]
        subprocess.run([*compiler, "-o", "alice", "alice.c", "-L.", "-ltim"], cwd=home, check=True)
        env = {
            **os.environ,
            "TIM_SERVER_URL": server.url,
            "TIM_SERVER_CA": server.ca,
            "TIM_APP_ID": str(server.app_id),
            "TIM_USER_SIG": server.ticket("bob"),
            "LD_LIBRARY_PATH": str(home),
            "PYTHONPATH": str(ROOT / "bindings/python"),
            "PYTHONUNBUFFERED": "1",
            "XDG_DATA_HOME": str(home),
            "XDG_STATE_HOME": str(home),
        }
        alice = [home / "alice", str(server.app_id), server.ticket("alice")]
        bob = [sys.executable, home / "bob.py"]
        with Program(["stdbuf", "-oL", *alice], env) as alice:
            alice.prints("login: 0")
            with Program(bob, env) as bob:
                alice.prints("hello alice")
                alice.prints("sent: 0")
                bob.prints("hello bob")
                bob.ends()
            alice.ends()


class Program:
    """A program of the README: it ends when a line is typed."""

    def __init__(self, command, env):
        self.process = subprocess.Popen(
            command, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.alarm = threading.Timer(30, self.process.kill)

    def __enter__(self):
        self.alarm.start()
        return self

    def __exit__(self, *_):
        self.alarm.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stdin.close()

    def prints(self, text):
        for line in self.process.stdout:
            if text in line:
                return
        raise AssertionError(f"{text!r} was not printed")

    def ends(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        if self.process.wait(20) != 0:
            raise AssertionError(f"exit code {self.process.returncode}")


class Links(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
        self.assertGreater(len(pages), 5)
        for page in pages:
            for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
                if "://" not in target:
                    with self.subTest(page=page.name, target=target):
                        self.assertTrue((page.parent / target).exists())

    def test_anchors(self):
        for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
            text = page.read_text()
            headings = re.findall(r"^#+ (.*)$", text, re.M)
            anchors = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}
            for anchor in re.findall(r"\]\(#([^)]+)\)", text):
                with self.subTest(page=page.name, anchor=anchor):
                    self.assertIn(anchor, anchors)
