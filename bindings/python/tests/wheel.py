"""What scripts/test-wheel.sh runs with the Python of an environment that has the wheel and nothing else."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "tim"
WAIT = 60


class Wheel(unittest.TestCase):
    wheel = Path(os.environ["TIM_WHEEL"])

    def test_contents(self):
        with zipfile.ZipFile(self.wheel) as archive:
            names = {name for name in archive.namelist() if not name.endswith("/")}
            (metadata,) = (n for n in names if n.endswith(".dist-info/METADATA"))
            about = archive.read(metadata).decode()
            kind = archive.read(metadata.replace("METADATA", "WHEEL")).decode()
        modules = {f"tim/{p.name}" for p in SOURCE.iterdir() if p.suffix in (".py", ".typed")}
        self.assertIn("tim/py.typed", modules)
        info = metadata.split("/")[0]
        self.assertEqual(
            names,
            modules
            | {"tim/libtim.so.0"}
            | {f"{info}/{name}" for name in ["METADATA", "WHEEL", "RECORD"]}
            | {f"{info}/licenses/{name}" for name in ["LICENSE-APACHE", "LICENSE-MIT"]},
        )
        self.assertRegex(about, r"(?m)^License-Expression: MIT OR Apache-2.0$")
        self.assertNotIn("Requires-Dist", about)
        # The README is in it; links to files of the source lead nowhere there.
        self.assertEqual([t for t in re.findall(r"\]\(([^)]*)\)", about) if not t.startswith("http")], [])
        self.assertIn("docs/python.md", about)
        self.assertIn("Root-Is-Purelib: false", kind)

    def test_its_name_says_what_the_library_needs(self):
        self.assertRegex(self.wheel.name, r"^tim-[\d.]+-py3-none-(many)?linux[\w.]+\.whl$")
        promised = re.search(r"manylinux_2_(\d+)_", self.wheel.name)
        with zipfile.ZipFile(self.wheel) as archive:
            library = archive.read("tim/libtim.so.0")
        # All names of versions stand in the library as text.
        needs = max(int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)(?:\.\d+)?\0", library))
        if promised:
            self.assertLessEqual(needs, int(promised[1]))
        # Names of sections.
        self.assertFalse(b"\0.debug_info\0" in library, "it is not stripped")

    def test_programs_chat(self):
        import tim  # The installed one.
        from server import Server

        self.assertIn("site-packages", tim.__file__)
        self.assertTrue(tim.lib()._name.startswith(str(Path(tim.__file__).parent)))
        server = Server()
        self.addCleanup(server.stop)
        folder = tempfile.TemporaryDirectory(prefix="tim-wheel-")
        self.addCleanup(folder.cleanup)

        def env(user):
            return {
                **os.environ, "TIM_SERVER_URL": server.url, "TIM_SERVER_CA": server.ca,
                "TIM_APP_ID": str(server.app_id), "TIM_USER": user,
                "TIM_USER_SIG": server.ticket(user),
                "XDG_DATA_HOME": folder.name, "XDG_STATE_HOME": folder.name,
            }  # fmt: skip

        program = [sys.executable, HERE / "typed_sample.py"]
        bot = subprocess.Popen([*program, "bot"], env=env("bot"), stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(bot.stdout.readline(), "ready\n")
            asked = subprocess.run(
                [*program, "ask", "hello 你好"], env=env("anna"), timeout=WAIT, capture_output=True, text=True
            )  # fmt: skip
            self.assertEqual((asked.returncode, asked.stdout), (0, "hello 你好\n"), asked.stderr)
            module = subprocess.run(
                [sys.executable, "-m", "tim", "bot"], env=env("bert"), timeout=WAIT,
                input="words\n", capture_output=True, text=True,
            )  # fmt: skip
            self.assertEqual((module.returncode, module.stderr), (0, ""))
        finally:
            bot.kill()
            bot.wait()
            bot.stdout.close()


if __name__ == "__main__":
    unittest.main()
