"""A document of the tree as a package carries it, alone: links to others lead nowhere there, so they name them."""

import os.path
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


def readme(document):
    """Its bytes. `document` is a path in the tree, such as docs/csharp.md."""

    def name(link):
        text, target = link.groups()
        if re.match(r"[a-z]+:|#", target):
            return link[0]
        path = os.path.normpath(Path(document).parent / target.split("#")[0])
        if not (ROOT / path).exists():
            # A link that is broken in the tree, or no link but code.
            raise SystemExit(f"{document}: {link[0]} leads nowhere")
        return path if text == Path(path).name else f"{text} ({path})"

    return LINK.sub(name, (ROOT / document).read_text(encoding="utf-8")).encode()
