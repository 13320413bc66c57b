"""What the documents say and what stands in the code are the same."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from server import Server, WithServer

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
        code = "".join(path.read_text() for path in PROTOCOL.rglob("*.rs"))
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

    def test_codes_of_conversations(self):
        in_code = re.findall(r"^    (5[01]\d\d\d) SVR_CONV_(\w+) ", read(PROTOCOL / "codes.rs"), re.M)
        table = section(read("docs/errors.md"), "## Conversations: 50001-51012")
        in_page = re.findall(r"^\| (5[01]\d\d\d) \| `(\w+)` \|", table, re.M)
        self.assertGreater(len(in_code), 10)
        self.assertEqual(in_code, in_page)


class Rules(unittest.TestCase):
    """The tests that pages name exist."""

    def test_tests_exist(self):
        for page, least in [("lifecycle", 60), ("conversations", 15), ("messages", 30), ("groups", 15)]:
            named = re.findall(r"`([\w/.-]+)::(\w+)`", read(f"docs/{page}.md"))
            self.assertGreater(len(named), least)
            for path, name in named:
                with self.subTest(page=page, path=path, name=name):
                    self.assertRegex(read(path), rf"\b(fn|def|void) {name}\(")


class Limits(unittest.TestCase):
    """Each limit in the code stands in docs/limits.md, with its number."""

    #: Rust that is not Python; a time becomes a text such as "90 s".
    WORDS = {"limits::": "", "Duration::from_secs": "seconds", "Duration::from_millis": "millis"}

    @classmethod
    def setUpClass(cls):
        page = read("docs/limits.md")
        cls.rows = {}
        for heading in ["## What both sides know", "## The library", "## The server"]:
            for line in re.findall(r"^\| (?!---|what \|)(.*)\|$", section(page, heading), re.M):
                _, limit, _, names = (cell.strip() for cell in line.split("|"))
                for name in re.findall(r"`(\w+)`", names):
                    assert name not in cls.rows, f"{name} stands there twice"
                    cls.rows[name] = limit
        cls.known = {"seconds": lambda n: f"{n} s", "millis": lambda n: f"{n / 1000:g} s"}
        cls.known |= dict(cls.constants("crates/protocol/src/limits.rs"))

    @classmethod
    def value(cls, text):
        for word, ours in cls.WORDS.items():
            text = text.replace(word, ours)
        return eval(text, {}, cls.known)

    @classmethod
    def constants(cls, path, names=r"\w+"):
        found = re.findall(rf"const ({names}): (?:usize|u\d\d|Duration) = (.*);", read(path))
        return [(name, cls.value(text)) for name, text in found]

    def in_page(self, name, value):
        """Under its name, written out or in a larger unit."""
        self.assertTrue(name in self.rows, f"docs/limits.md lacks {name}")
        if isinstance(value, str):
            seconds = float(value.split()[0])
            forms = [value, f"{seconds / 60:g} min"]
        else:
            forms = [f"{value:,}", f"{value / 1024:g} KB", f"{value / 1024**2:g} MB"]
        limit = self.rows[name]
        stands = any(re.search(rf"(^|to ){form}( bytes)?$", limit) for form in forms)
        self.assertTrue(stands, f"{name} is {value} and not {limit}")

    def test_both_sides(self):
        found = self.constants("crates/protocol/src/limits.rs")
        self.assertEqual(len(found), read("crates/protocol/src/limits.rs").count("pub const "))
        for name, value in found:
            with self.subTest(name=name):
                self.in_page(name, value)

    def test_the_library(self):
        files = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "src").rglob("*.rs"))]
        found = [pair for path in files for pair in self.constants(path, r"MAX_\w+")]
        self.assertGreater(len(found), 5)
        for path, name in [
            ("src/ffi/session.rs", "ID_BUFFER"),
            ("src/log/files.rs", "KEPT_DAYS|DAY_BYTES"),
            ("src/reactor/race.rs", "COMPANY_AFTER"),
            ("src/sdk/events.rs", "MERGED_ITEMS"),
            ("src/sdk/inner.rs", "SLOW"),
            ("crates/core/src/link.rs", "BACK_OFF_MOST|PROBE_TIMEOUT|HASTE"),
            ("src/reactor/link.rs", "FAREWELL_TIME"),
            ("crates/core/src/store/memory.rs", "KEPT_PER_CONVERSATION"),
            ("crates/core/src/store.rs", "KEPT_PROFILES"),
            ("crates/core/src/user/profile.rs", "FRESH"),
        ]:
            found += self.constants(path, name)
        listed = {name for name in self.rows if name.startswith("MAX_")}
        self.assertEqual(listed - dict(found).keys(), set())
        for name, value in found:
            with self.subTest(name=name):
                self.in_page(name, value)

    def test_the_server(self):
        found = []
        for path, name in [
            ("crates/timd/src/config.rs", "PRODUCT_STATUS_CALLS"),
            ("crates/timd/src/logic/session.rs", "DEVICE_ID_BYTES|PAGE_BYTES"),
            ("crates/timd/src/net/http.rs", "HEAD_BYTES"),
            ("crates/timd/src/policy.rs", r"MOST_\w+"),
            ("crates/timd/src/repo/sqlite.rs", "QUEUE|BATCH"),
        ]:
            found += self.constants(path, name)
        self.assertEqual(len(found), 8)
        for name, value in found:
            with self.subTest(name=name):
                self.in_page(name, value)

    def test_settings(self):
        code = read("crates/timd/src/config.rs")
        defaults = re.search(r"impl Default for Config \{(.*?)^\}", code, re.M | re.S).group(1)
        wanted = r"^ +(\w+): (\d[\d_]*|limits::\w+|Duration::\w+\(\d+\)),$"
        found = {name: self.value(text) for name, text in re.findall(wanted, defaults, re.M)}
        for threads in ["readers", "workers"]:
            del found[threads]
        table = section(read("docs/hosting.md").replace("\n### ", "\n## "), "## Limits")
        hosted = dict(re.findall(r"^\| `(\w+)` \| `?(\w+)`? \|", table, re.M))
        self.assertEqual(hosted.pop("rate_profile"), "generous")
        self.assertEqual(sorted(found), sorted(hosted))
        for name, value in found.items():
            with self.subTest(name=name):
                self.in_page(name, value)
                unit = {"s": 1, "m": 60}.get(hosted[name][-1])
                text = f"{int(hosted[name][:-1]) * unit} s" if unit else int(hosted[name])
                self.assertEqual(text, value, "docs/hosting.md")


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


class PythonPage(WithServer):
    """docs/python.md; tests/snippets runs all programs in it."""

    def environment(self, user):
        folder = tempfile.TemporaryDirectory(prefix="tim-page-")
        self.addCleanup(folder.cleanup)
        return {
            **os.environ,
            "TIM_SERVER_URL": self.server.url,
            "TIM_SERVER_CA": self.server.ca,
            "TIM_APP_ID": str(self.server.app_id),
            "TIM_USER": user,
            "TIM_USER_SIG": self.server.ticket(user),
            "TIM_BOT": "bot",
            "PYTHONPATH": str(ROOT / "bindings/python"),
            "XDG_DATA_HOME": folder.name,
            "XDG_STATE_HOME": folder.name,
        }

    def test_its_first_programs_talk_to_the_bot_of_the_examples(self):
        bot = subprocess.Popen(
            [sys.executable, ROOT / "examples/python/bot.py"],
            env=self.environment("bot"),
            stdout=subprocess.PIPE,
        )
        try:
            self.assertEqual(bot.stdout.readline(), b"ready\n")
            for number, program in enumerate(blocks(read("docs/python.md"), "python")[:2]):
                done = subprocess.run(
                    [sys.executable, "-c", program], env=self.environment(f"user{number}"),
                    timeout=60, capture_output=True, text=True,
                )  # fmt: skip
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual(done.stdout, "bot hello\n")
            # It leaves as a service does.
            bot.terminate()
            self.assertEqual(bot.wait(20), 0)
        finally:
            bot.kill()
            bot.wait()
            bot.stdout.close()

    def test_it_lists_the_events(self):
        import tim

        rows = re.findall(r"^\| (`[a-z_`, ]+) \|", section(read("docs/python.md"), "## Events"), re.M)
        named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
        # Nothing is told by this one yet.
        self.assertEqual(named | {"experimental_notify"}, set(tim.api.EVENTS))


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
    @staticmethod
    def text(page):
        """Without its code, where a lambda of C++ looks like a link."""
        return re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.M | re.S)

    def test_every_link_leads_somewhere(self):
        pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
        self.assertGreater(len(pages), 5)
        for page in pages:
            for target in re.findall(r"\]\(([^)#]+)[^)]*\)", self.text(page)):
                if "://" not in target:
                    with self.subTest(page=page.name, target=target):
                        self.assertTrue((page.parent / target).exists())

    def test_anchors(self):
        for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
            text = self.text(page)
            headings = re.findall(r"^#+ (.*)$", text, re.M)
            anchors = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}
            for anchor in re.findall(r"\]\(#([^)]+)\)", text):
                with self.subTest(page=page.name, anchor=anchor):
                    self.assertIn(anchor, anchors)
