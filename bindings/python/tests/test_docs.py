"""What the documents say and what stands in the code are the same."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

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
    def test_c_in_the_readme_compiles(self):
        code = blocks(read("README.md"), "c")
        self.assertEqual(len(code), 1)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "readme.c"
            file.write_text(code[0])
            compiler = [os.environ.get("CC", "cc"), "-std=c99", "-Wall", "-Werror", "-fsyntax-only"]
            subprocess.run([*compiler, f"-I{ROOT}/include", file], check=True)

    def test_python_in_the_readme_compiles(self):
        code = blocks(read("README.md"), "python")
        self.assertEqual(len(code), 1)
        compile(code[0], "README.md", "exec")


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
