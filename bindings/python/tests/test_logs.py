"""The tool for log files: python -m tim.logs."""

import contextlib
import gzip
import io
import os
import subprocess
import sys
import tempfile
import unittest
from datetime import datetime, timezone
from pathlib import Path

from tim import logs

PACKAGE = Path(__file__).resolve().parents[1]


def line(time, level="INFO ", module="core", text="text"):
    return f"2026-11-{time}Z {level} 4711:tim-reactor {module} {text}\n"


class Tool(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tim-logs-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, *lines):
        data = "".join(lines).encode()
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return str(path)

    def run_tool(self, *arguments, code=0):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            self.assertEqual(logs.main(list(map(str, arguments))), code, err.getvalue())
        self.errors = err.getvalue()
        return out.getvalue()

    def test_lines_of_several_files_come_by_time(self):
        one = line("21T10:00:00.001"), line("21T10:00:02.000"), line("21T10:00:01.999", text="late")
        two = line("21T10:00:00.002", text="b"), line("21T10:00:02.000", text="same time, second")
        a = self.write("tim-20261121.log.gz", *one)
        b = self.write("b/tim-20261121.log", *two)
        wanted = [one[0], two[0], one[2], one[1], two[1]]
        self.assertEqual(self.run_tool(a, b), "".join(wanted))
        # A file that is named twice is read once.
        self.assertEqual(self.run_tool(a, b, a), "".join(wanted))

    def test_a_folder_stands_for_our_files_in_it(self):
        names = ["tim-20261120.log.gz", "tim-20261120-2.log.gz", "tim-20261121.log"]
        lines = [line(f"2{n}T00:00:00.000", text=name) for n, name in enumerate(names)]
        for name, text in zip(names, lines):
            self.write(name, text)
        for name in ["other.log", "tim-20261120.log.gz.tmp", ".tim-log.lock", "tim-1.log"]:
            self.write(name, line("20T00:00:00.000", text="not ours"))
        self.assertEqual(self.run_tool(self.folder), "".join(lines))

    def test_levels(self):
        shown = ["TEST ", "VERB ", "DEBUG", "INFO ", "WARN ", "ERROR", "ASSERT"]
        lines = [line(f"21T10:00:00.00{n}", level) for n, level in enumerate(shown, 1)]
        path = self.write("a.log", *lines)
        for number, name in enumerate(logs.LEVELS):
            wanted = "".join(lines[max(number - 1, 0) :])
            self.assertEqual(self.run_tool(path, "--level", number), wanted)
            self.assertEqual(self.run_tool(path, "--level", name), wanted)

    def test_times(self):
        lines = [line(f"2{n}T10:00:00.000") for n in range(4)]
        path = self.write("a.log", *lines)
        for arguments, wanted in [
            (["--since", "2026-11-21T10:00"], lines[1:]),
            (["--since", "2026-11-21T10:00:00.001"], lines[2:]),
            (["--until", "2026-11-21T10:00:00Z"], lines[:1]),
            (["--since", "2026-11-21", "--until", "2026-11-22 12:00+02:00"], lines[1:2]),
        ]:
            with self.subTest(arguments=arguments):
                self.assertEqual(self.run_tool(path, *arguments), "".join(wanted))

    def test_times_that_depend_on_now(self):
        now = datetime(2026, 11, 21, 18, 0, 1, 250000, timezone.utc)
        for text, wanted in [
            ("30s", "2026-11-21T17:59:31.250Z"),
            ("5m", "2026-11-21T17:55:01.250Z"),
            ("2h", "2026-11-21T16:00:01.250Z"),
            ("3d", "2026-11-18T18:00:01.250Z"),
            ("9:30", "2026-11-21T09:30:00.000Z"),
            ("09:30:15", "2026-11-21T09:30:15.000Z"),
        ]:
            self.assertEqual(logs.time_of(text, now), wanted)

    def test_patterns_and_modules(self):
        lines = [
            line("21T10:00:00.000", module="sdk", text="libtim starts"),
            line("21T10:00:01.000", module="core", text="logged in"),
            line("21T10:00:02.000", module="app", text="core logged out"),
        ]
        path = self.write("a.log", *lines)
        self.assertEqual(self.run_tool(path, "--grep", "logged (in|out)"), "".join(lines[1:]))
        self.assertEqual(self.run_tool(path, "--module", "core"), lines[1])
        both = self.run_tool(path, "--module", "sdk", "--module", "app")
        self.assertEqual(both, lines[0] + lines[2])
        self.assertEqual(self.run_tool(path, "--grep", "out", "--module", "core"), "")

    def test_what_is_no_line_stays_with_the_one_before(self):
        lines = "half a line\n", line("21T10:00:00.000"), "another\nhalf", "\n", line("21T09:00:00.000")
        path = self.write("a.log", *lines)
        wanted = "half a line\n" + lines[4] + lines[1] + "another\nhalf\n"
        self.assertEqual(self.run_tool(path), wanted)
        self.assertEqual(self.run_tool(path, "--level", "info"), wanted[len("half a line\n") :])

    def test_files_that_cannot_be_read_are_named_and_the_others_printed(self):
        text = "".join(line(f"21T10:00:{n % 60:02}.000", text=str(n * n)) for n in range(10_000))
        whole = Path(self.write("tim-20261121.log.gz", text)).read_bytes()
        cut, none = self.folder / "cut.gz", self.folder / "none.log"
        cut.write_bytes(whole[: len(whole) // 2])
        garbage = self.folder / "garbage.gz"
        garbage.write_bytes(whole[:200] + bytes(100) + whole[300:])
        good = self.write("good.log", line("21T10:00:00.000", text="good"))
        shown = self.run_tool(none, cut, garbage, good, code=1)
        self.assertIn(" good\n", shown)
        self.assertGreater(shown.count("\n"), 1000)
        for path in [none, cut, garbage]:
            self.assertIn(f"{path}: ", self.errors)
        self.assertEqual(self.errors.count("\n"), 3)

    def test_wrong_arguments_are_named(self):
        path = self.write("a.log")
        for wrong in [["--level", "8"], ["--since", "soon"], ["--grep", "("], []]:
            with self.assertRaises(SystemExit) as ended, contextlib.redirect_stderr(io.StringIO()):
                logs.main([path, *wrong] if wrong else [])
            self.assertEqual(ended.exception.code, 2)

    def test_the_program_on_what_the_library_writes(self):
        folder = str(self.folder)
        program = f"""
import tim
tim.lib().tim_set_config(b'{{"set_config_log_level":1}}', tim.lib().tim_set_config.argtypes[1](), None)
client = tim.Client(1, config_file_path={folder!r}, log_file_path={folder!r})
client.start()
try:
    client.login("alice", "garbage").result()
except tim.Error:
    pass
client.close()
"""
        env = {**os.environ, "PYTHONPATH": str(PACKAGE)}
        subprocess.run([sys.executable, "-c", program], env=env, check=True, timeout=60)
        lines = logs.merge([folder])
        self.assertEqual([l for l in lines if not l.time or not l.level or "\n" in l.text], [])
        self.assertEqual({l.module for l in lines}, {"core", "ffi", "sdk"})
        command = [sys.executable, "-m", "tim.logs", folder]
        done = subprocess.run(command, env=env, check=True, timeout=60, capture_output=True, text=True)
        self.assertEqual(done.stdout, "".join(l.text + "\n" for l in lines))
        # Whoever reads it may stop.
        command = f"{sys.executable} -m tim.logs {folder} | head -n 1"
        done = subprocess.run(command, shell=True, env=env, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stdout, done.stderr), (lines[0].text + "\n", ""))
