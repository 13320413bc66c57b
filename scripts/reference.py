"""make docs: reference pages of the C interface, with search, and the documents beside them.

    reference.py [--root FOLDER] OUTPUT

Doxygen reads a copy of include/tim.h in which functions, types and numbers are put into groups, names
in texts are links, and the essay at its head is the first page. docs/*.md become pages. Whatever Doxygen
warns of is an error: a parameter without a text, a link that leads nowhere. In the end every
function of the ledger has to have its entry in the group of its domain.
"""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

TITLES = {
    "session": "Session: init, login, settings",
    "user": "Users: status and profiles",
    "message": "Messages",
    "conversation": "Conversations",
    "poll": "Poll mode and figures",
    "device": "The device: background, network",
    "experimental": "Internal operations",
}
SETTINGS = """
PROJECT_NAME = libtim
PROJECT_BRIEF = "chat for apps"
PROJECT_NUMBER = {version}
INPUT = {input}
FILE_PATTERNS = *.h *.md
IMAGE_PATH = {images}
RECURSIVE = YES
OUTPUT_DIRECTORY = {output}
HTML_OUTPUT = .
HTML_EXTRA_STYLESHEET = {input}/style.css
USE_MDFILE_AS_MAINPAGE = {input}/main.md
STRIP_FROM_PATH = {input}
GENERATE_TAGFILE = {output}/tim.tag
GENERATE_LATEX = NO
GENERATE_TREEVIEW = YES
HTML_TIMESTAMP = NO
SEARCHENGINE = YES
SERVER_BASED_SEARCH = NO
OPTIMIZE_OUTPUT_FOR_C = YES
JAVADOC_AUTOBRIEF = YES
TOC_INCLUDE_HEADINGS = 3
SORT_MEMBER_DOCS = NO
SHOW_INCLUDE_FILES = NO
VERBATIM_HEADERS = NO
MACRO_EXPANSION = YES
EXPAND_ONLY_PREDEF = YES
PREDEFINED = TIM_API= TIM_DEPRECATED(x)=
EXCLUDE_SYMBOLS = TIM_API
QUIET = YES
WARNINGS = YES
WARN_NO_PARAMDOC = YES
WARN_AS_ERROR = FAIL_ON_WARNINGS
WARN_FORMAT = "$file:$line: $text"
HAVE_DOT = NO
"""
STYLE = """
div.contents p, div.contents li { max-width: 60em; line-height: 1.45; }
div.contents h1 { font-size: 160%; }
div.contents h2 { font-size: 130%; }
table.markdownTable td { vertical-align: top; padding: 3px 8px; }
table.markdownTable { display: block; overflow-x: auto; max-width: 100%; }
div.fragment { overflow-x: auto; padding: 6px; max-width: 60em; }
code { background: #f2f4f8; padding: 0 2px; }
"""


def main(arguments):
    root = Path(__file__).resolve().parents[1]
    if arguments[:1] == ["--root"]:
        root, arguments = Path(arguments[1]), arguments[2:]
    (output,) = (Path(argument).resolve() for argument in arguments)
    source = output / "input"
    if source.exists():
        shutil.rmtree(output)
    source.mkdir(parents=True)
    header = (root / "include/tim.h").read_text(encoding="utf-8")
    ledger = [line.split() for line in lines(root / "include/symbols.txt")]
    domains = {name: domain for name, domain, *_ in ledger}
    pages = {path.stem: path.read_text(encoding="utf-8") for path in sorted(root.glob("docs/*.md"))}

    reference = Reference(header, domains, numbers(root / "src/ffi/enums"))
    (source / "tim.h").write_text(reference.header(), encoding="utf-8")
    (source / "groups.h").write_text(reference.group_list(), encoding="utf-8")
    (source / "main.md").write_text(reference.main_page(pages), encoding="utf-8")
    for name, text in pages.items():
        page = Page(name, text, pages, reference.names)
        (source / f"{name}.md").write_text(page.prepared(), encoding="utf-8")
    (source / "style.css").write_text(STYLE, encoding="utf-8")
    version = re.search(r'TIM_VERSION "(.*)"', header).group(1)
    settings = SETTINGS.format(version=version, input=source, output=output, images=root / "docs")
    done = subprocess.run(["doxygen", "-"], input=settings, text=True)
    if done.returncode != 0:
        sys.exit("reference: Doxygen's warnings above are errors")
    check(output, domains, reference, pages)


def lines(path):
    text = path.read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def numbers(folder):
    """Which type the numbers belong to: the header does not tell."""
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.rs")))
    return dict(re.findall(r"^pub const (TIM_\w+): (tim_\w+) =", code, re.M))


class Reference:
    """The header, as Doxygen gets it."""

    ITEM = re.compile(
        r"/\*\*\s((?:[^*]|\*(?!/))*)\*/\n((?:#define [^\n]*\n)+|(?:typedef|TIM_API)[^;]*;\n)"
    )

    def __init__(self, header, domains, numbers):
        self.essay, self.rest = header.split("*/\n", 1)
        self.domains, self.numbers = domains, numbers
        self.callbacks = set(re.findall(r"^typedef void \(\*(\w+)\)", header, re.M))
        self.types = set(re.findall(r"^typedef \w+ (\w+);", header, re.M))
        defines = re.findall(r"^#define (TIM_\w+) ", header, re.M)
        self.names = {*defines, *self.callbacks, *self.types, *domains} - {"TIM_API"}

    def header(self):
        about = "/**\n@file tim.h\nAll of the C interface.\n*/\n"
        return about + self.ITEM.sub(self.item, self.rest)

    def item(self, match):
        comment, code = match.groups()
        text = re.sub(r"^ \*( |$)", "", comment, flags=re.M).strip()
        parts = re.split(r"^(?=@)", text, flags=re.M)
        if code.startswith("TIM_API\nvoid ") or code.startswith("TIM_API void "):
            parts = [part for part in parts if part.strip() != "@return Nothing."]
        said = "".join(self.prose(part) for part in parts)
        # What is said of several numbers is said of each.
        items = code.splitlines(keepends=True) if code.startswith("#") else [code]
        return "".join(f"/**\n@ingroup {self.group(self.name(i))}\n{said}\n*/\n{i}" for i in items)

    @staticmethod
    def name(code):
        pattern = r"#define (\w+)|typedef void \(\*(\w+)|typedef \w+ (\w+)|TIM_API[^(]*?(\w+)\("
        return next(filter(None, re.match(pattern, code).groups()))

    def group(self, name):
        if name in self.domains:
            return f"domain_{self.domains[name]}"
        if name in self.callbacks:
            return "callbacks"
        kind = name if name in self.types else self.numbers.get(name)
        return f"type_{kind}" if kind else "codes" if "_VERSION" not in name else "version"

    def prose(self, text):
        """Text of a comment: nothing in it is a command of Doxygen, names lead to what they name."""
        tag = re.match(r"@\w+( \w+(?=  ))?", text)
        start = tag.group() if tag else ""
        return start + linked(text[len(start) :], self.names)

    def group_list(self):
        made = []
        for domain in dict.fromkeys(self.domains.values()):
            made.append((f"domain_{domain}", TITLES.get(domain, domain.capitalize()), None))
        made.append(("callbacks", "Callbacks", None))
        made.append(("codes", "Codes", None))
        made.append(("types", "Types and their numbers", None))
        made += [(f"type_{name}", name, "types") for name in sorted(self.types)]
        made.append(("version", "Version", None))
        text = ""
        for group, title, parent in made:
            inside = f"@ingroup {parent}\n" if parent else ""
            text += f"/**\n@defgroup {group} {title}\n{inside}*/\n"
        return text

    def main_page(self, pages):
        """The essay: headings in capitals, paragraphs, code further in, tables of keys."""
        body = [line.removeprefix(" *")[1:] for line in self.essay.split("\n")[2:-1]]
        text = "# The C interface {#mainpage}\n\n"
        text += "Every function is under Modules, by its domain; the search finds functions, codes and\n"
        text += "pages. Documents:\n\n"
        for name, page in pages.items():
            title = re.match(r"# (.*)", page).group(1)
            text += f"- @ref page_{name} \"{plain(title)}\"\n"
        for section in re.split(r"^(?=[A-Z ]+$)", "\n".join(body), flags=re.M):
            title, _, rest = section.partition("\n")
            if not title.strip():
                continue
            text += f"\n## {title.capitalize().replace('Json', 'JSON')} {{#essay_{slug(title)}}}\n\n"
            rest = re.sub(r"^  ", "", rest, flags=re.M)
            text += self.tables(rest) if title == "OBJECTS" else self.paragraphs(rest)
        return text

    def paragraphs(self, text):
        made = ""
        for code, words in re.findall(r"((?:^    .*\n?|^\n(?=    ))+)|((?:^(?!    ).*\n?)+)", text, re.M):
            if code:
                made += "\n```c\n" + re.sub(r"^    ", "", code, flags=re.M).strip("\n") + "\n```\n\n"
            else:
                made += linked(words, self.names)
        return made

    def tables(self, text):
        """An object to a line that ends in a colon; keys, two blanks and what they are below it."""
        made, keys = "", ""
        for line in text.split("\n"):
            if re.match(r"\S.*:$", line):
                made += f"\n### {linked(line[:-1], set())}\n\n| key | |\n| --- | --- |\n"
                continue
            row = re.match(r"  (\S.*?)(?:   *(\S.*))?$", line)
            said = row.group(2) if row else line.strip()
            if row and not said:
                keys += row.group(1) + " "
            elif row or keys:
                keys += row.group(1) if row else ""
                made += f"| {linked(keys, set())} | {linked(said, self.names)} |\n"
                keys = ""
            elif said:
                made = f"{made[:-3]} {linked(said, self.names)} |\n"
        return made


def plain(text):
    return re.sub(r"[`\"]", "", text)


def slug(heading):
    """As those who show Markdown make anchors of headings."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-").strip("-")


def escaped(text):
    """What Doxygen would read as its own."""
    text = re.sub(r"([\\@#<>&%*$`]|::|--+)", r"\\\1", text)
    return text.replace("|", "&#124;")


def linked(text, names):
    """Names of the interface become links, keys code."""
    text = escaped(text)

    def word(match):
        found = match.group()
        if found in names:
            # Without its text a name would take the colon behind it along.
            return f'@ref {found} "{found}"'
        return f"<code>{found}</code>" if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+_?", found) else found

    return re.sub(r"(?<![\w/.\\$-])\w+(?![\w/])", word, text)


class Page:
    """A document, with anchors where Doxygen 1.9 makes none that one could link to."""

    def __init__(self, name, text, pages, names):
        self.name, self.text, self.pages, self.names = name, text, pages, names

    def prepared(self):
        text = re.sub(r"^<!--.*?-->\n?", "", self.text, flags=re.M | re.S)
        parts = re.split(r"(^```.*?^```\n)", text, flags=re.M | re.S)
        return "".join(part if n % 2 else self.prose(part) for n, part in enumerate(parts))

    def prose(self, text):
        text = re.sub(r"(?<!!)\[([^][]*)\]\(([^()\s]*)\)", self.link, text)
        text = re.sub(r"!\[([^][]*)\]\((?:[^()\s]*/)?([^()\s/]*)\)", r"![\1](\2)", text)
        text = re.sub(r"(`+)(.+?)\1", self.code, text, flags=re.S)
        return re.sub(r"^(#+) (.*)$", self.heading, text, flags=re.M)

    def code(self, match):
        """Doxygen looks into code for its commands, and for quotes that end it."""
        inside = match.group(2)
        if inside in self.names:
            return f'@ref {inside} "{inside}"'
        return "<code>" + escaped(inside.replace(r"\|", "|")) + "</code>"

    def heading(self, match):
        level, title = match.groups()
        bare = re.sub(r'<.*?>|@ref \w+ "|"', "", title)
        if level == "#":  # stands in lists too, where marks would show
            # Doxygen takes a last # for the end of the heading, and others for a scope.
            bare = bare.replace("#", "\u266f")
            return f"# {bare} {{#page_{self.name}}}"
        return f"{level} {title} {{#{self.name}_{slug(bare)}}}"

    def link(self, match):
        words, target = match.groups()
        if "://" in target:
            return match.group()
        path, _, anchor = target.partition("#")
        name = path.removesuffix(".md") if path else self.name
        if path.endswith("include/tim.h"):
            return f"[{words}](@ref tim.h)"
        if name not in self.pages:
            return f"{words} (`{path}`)" if plain(words) != path else words
        return f'@ref {f"{name}_{anchor}" if anchor else f"page_{name}"} "{plain(words)}"'


def check(output, domains, reference, pages):
    """Doxygen leaves out what it does not understand: look into what came out."""
    found = {}
    for compound in ElementTree.parse(output / "tim.tag").getroot():
        for member in compound.iter("member"):
            if compound.get("kind") == "group":
                key = member.findtext("name")
                found[key] = (compound.findtext("name"), output / member.findtext("anchorfile"))
                anchor = member.findtext("anchor")
                if f'id="{anchor}"' not in found[key][1].read_text(encoding="utf-8"):
                    sys.exit(f"reference: {key} has no entry in {found[key][1]}")
    for name in sorted(reference.names):
        if name not in found:
            sys.exit(f"reference: {name} has no entry")
    for name, domain in domains.items():
        if found[name][0] != f"domain_{domain}":
            sys.exit(f"reference: {name} stands in {found[name][0]}")
    searched = "".join(path.read_text() for path in (output / "search").glob("*.js"))
    for name in [*reference.names, *(f"page_{name}" for name in pages)]:
        if f"['{name}'" not in searched and f"{name}.html" not in searched:
            sys.exit(f"reference: the search does not find {name}")
    print(f"{output}/index.html: {len(domains)} functions, {len(found)} entries, {len(pages)} documents")


main(sys.argv[1:])
