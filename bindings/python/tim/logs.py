"""Merges, filters and prints log files of libtim, compressed or not, ordered by time.

    python -m tim.logs ~/.local/state/libtim --level warn --since 2h
    python -m tim.logs a/tim-20261121.log.gz b/ --module core --grep "bob" --until "2026-11-22 12:00"

A folder stands for all log files in it. Neither the library nor anything but Python is needed.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

#: Names of the levels, the lightest first; their places are the numbers of tim_log_level.
LEVELS = ["off", "test", "verbose", "debug", "info", "warn", "error", "assert"]
#: As they stand in a line.
_SHOWN = {name[:5].upper(): number for number, name in enumerate(LEVELS)}
_SHOWN |= {"VERB": 2, "ASSERT": 7}

_FILE = re.compile(r"tim-\d{8}(-\d+)?\.log(\.gz)?")
_LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?P<level>[A-Z]+) +(?P<thread>\S+) (?P<module>\S+) "
)


class Line(NamedTuple):
    """A line of a log, with what follows it that is none: the half of a line after a crash."""

    #: As it stands there, which sorts; empty for text before the first line of a file.
    time: str
    #: Number of the level; 0 when it is not known.
    level: int
    #: The process and its thread.
    thread: str
    module: str
    #: All of it, without its line break.
    text: str


def find(paths: Iterable[str | Path]) -> list[Path]:
    """The files that are meant: a folder stands for the log files in it."""
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            files += sorted(p for p in path.iterdir() if _FILE.fullmatch(p.name) and p.is_file())
        else:
            files.append(path)
    return list(dict.fromkeys(files))


def read(path: str | Path) -> Iterator[Line]:
    """The lines of a file. One that is cut off or damaged gives what can be read, then OSError."""
    line: Line | None = None
    damage: Exception | None = None
    texts = _texts(path)
    while True:
        try:
            text = next(texts)
        except StopIteration:
            break
        except (OSError, EOFError, zlib.error) as error:
            damage = error
            break
        found = _LINE.match(text)
        if found:
            if line:
                yield line
            level = _SHOWN.get(found["level"], 0)
            line = Line(found["time"], level, found["thread"], found["module"], text)
        elif line:
            line = line._replace(text=f"{line.text}\n{text}")
        else:
            line = Line("", 0, "", "", text)
    if line:
        yield line
    if isinstance(damage, OSError):
        raise damage
    if damage:
        raise OSError(f"damaged: {damage}") from damage


def _texts(path: str | Path) -> Iterator[str]:
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        for line in gzip.open(file) if packed else file:
            yield line.decode(errors="replace").rstrip("\n")


def merge(
    paths: Iterable[str | Path],
    wanted: Callable[[Line], object] = lambda line: True,
    failed: Callable[[Path, OSError], object] | None = None,
) -> list[Line]:
    """The wanted lines of all files by time; those of one time as they stand in their files.

    `failed` is told of files that cannot be read, or not to their end; without it that is raised.
    """
    lines: list[Line] = []
    for path in find(paths):
        try:
            lines.extend(filter(wanted, read(path)))
        except OSError as error:
            if failed is None:
                raise
            failed(path, error)
    lines.sort(key=lambda line: line.time)
    return lines


def filters(
    level: int = 0,
    since: str | None = None,
    until: str | None = None,
    grep: str = "",
    modules: Iterable[str] = (),
) -> Callable[[Line], bool]:
    """Lines from a level on, from a time on and before another, with a pattern, of modules."""
    pattern, names = re.compile(grep), set(modules)

    def wanted(line: Line) -> bool:
        return (
            line.level >= level
            and (not since or line.time >= since)
            and (not until or line.time < until)
            and (not names or line.module in names)
            and pattern.search(line.text) is not None
        )

    return wanted


def time_of(text: str, now: datetime | None = None) -> str:
    """A time as it stands in a line: from a date, a date with a time, a time of today, or how long
    ago it is (30s, 5m, 2h, 3d). UTC unless it names another zone."""
    now = now or datetime.now(timezone.utc)
    ago = re.fullmatch(r"(\d+)([smhd])", text)
    if ago:
        unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[ago[2]]
        time = now - timedelta(**{unit: int(ago[1])})
    else:
        if re.match(r"\d\d?:", text):
            text = f"{now:%Y-%m-%d}T{text:0>5}"
        time = datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text))
    if time.tzinfo is None:
        time = time.replace(tzinfo=timezone.utc)
    time = time.astimezone(timezone.utc)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"


def level_of(text: str) -> int:
    """The number of a level, from its number or its name."""
    return int(text) if text in map(str, range(8)) else LEVELS.index(text.lower())


_PURPOSE = "Merges, filters and prints log files of libtim, compressed or not, ordered by time."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tim.logs", description=_PURPOSE)
    add = parser.add_argument
    add("paths", nargs="+", metavar="FILE", help="log file, or a folder for all in it")
    add("--level", type=level_of, default=0, help=f"and worse: {', '.join(LEVELS[1:])}, or 1 to 7")
    when = "2026-11-21, 2026-11-21T18:00, 18:00 (today), or 30s, 5m, 2h, 3d ago; UTC"
    add("--since", type=time_of, metavar="TIME", help=f"from then on: {when}")
    add("--until", type=time_of, metavar="TIME", help="before that")
    add("--grep", type=_pattern, default="", metavar="PATTERN", help="regular expression in the line")
    add("--module", action="append", default=[], metavar="NAME", help="such as core; may be repeated")
    return parser


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(text) from error
    return text


def main(arguments: list[str] | None = None) -> int:
    """The program; 1 when a file could not be read."""
    options = _parser().parse_args(arguments)
    wanted = filters(options.level, options.since, options.until, options.grep, options.module)
    failures: list[Path] = []

    def failed(path: Path, error: OSError) -> None:
        failures.append(path)
        print(f"{path}: {error.strerror or error}", file=sys.stderr)

    try:
        for line in merge(options.paths, wanted, failed):
            print(line.text)
        sys.stdout.flush()
    except BrokenPipeError:
        # As with `| head`; nothing more may be written at the end of the process either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
