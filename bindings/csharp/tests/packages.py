"""What nuget.py and unity.py make is laid out as it must be, and works.

    packages.py FOLDER LIBRARY      FOLDER: where csharp.sh built the programs
"""

import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[3]
# Scenes and projects refer to files by these; they never change.
GUIDS = {
    "Runtime/TimBehaviour.cs": "032e8532a9658e4148373783403209d0",
    "Runtime/Tim.Client.asmdef": "85937c33448d9e780fa93d8c7ac101d4",
}


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


def same(found, wanted):
    assert found == wanted, f"{found}\nexpected {wanted}"


def leads_somewhere(text):
    """In a package a document is alone: it has no links to files."""
    for link in re.findall(r"\]\(([^)]*)\)", text):
        assert re.match("https?:|#", link), link


def nuget(work, built, library):
    package = run(ROOT / "scripts/nuget.py", built / "Tim.Client.dll", work, f"linux-x64={library}", f"win-x64={library}")
    with zipfile.ZipFile(package) as archive:
        same(archive.testzip(), None)
        names = archive.namelist()
        wanted = "_rels/.rels Tim.Client.nuspec csharp.md lib/netstandard2.0/Tim.Client.dll"
        wanted += " runtimes/linux-x64/native/libtim.so runtimes/win-x64/native/tim.dll"
        same(sorted(names), sorted(["[Content_Types].xml", *wanted.split()]))
        for name in ("[Content_Types].xml", "_rels/.rels", "Tim.Client.nuspec"):
            ElementTree.fromstring(archive.read(name))
        types = archive.read("[Content_Types].xml").decode()
        for name in names[1:]:
            assert f'Extension="{name.rsplit(".", 1)[1]}"' in types, name
        document = archive.read("csharp.md").decode()
        leads_somewhere(document)
        assert "every function of include/tim.h as a method" in document, document
        archive.extractall(work / "nuget")
    # As a published program has them: beside each other.
    app = work / "app"
    app.mkdir()
    (work / "nuget/lib/netstandard2.0/Tim.Client.dll").rename(app / "Tim.Client.dll")
    (work / "nuget/runtimes/linux-x64/native/libtim.so").rename(app / "libtim.so")
    source = app / "hello.cs"
    source.write_text(
        "static class Hello { static void Main() { System.Console.WriteLine(Tim.TimClient.SdkVersion); } }"
    )
    run("mcs", "-warnaserror", f"-r:{app}/Tim.Client.dll", f"-out:{app}/hello.exe", source)
    env = {key: value for key, value in os.environ.items() if key != "LD_LIBRARY_PATH"}
    version = re.search(r"<Version>(.*)</Version>", (ROOT / "bindings/csharp/Tim.Client/Tim.Client.csproj").read_text())
    same(run("mono", app / "hello.exe", env=env, cwd="/"), version[1])


def unity(work, library):
    libraries = [f"{name}={library}" for name in ("linux-x64", "win-x64", "macos", "android-arm64", "ios")]
    package = run(ROOT / "scripts/unity.py", work, *libraries)
    with tarfile.open(package) as archive:
        archive.extractall(work, filter="data") if hasattr(tarfile, "data_filter") else archive.extractall(work)
    top = work / "package"
    files = {file.relative_to(top).as_posix() for file in top.rglob("*")}
    plain = {file for file in files if not file.endswith(".meta")}
    # Unity leaves out what has no .meta file, and complains of .meta files without a file.
    seen = {file for file in plain if not file.startswith("Samples~")}
    same({file + ".meta" for file in seen}, files - plain)
    guids = {}
    for file in seen:
        text = (top / (file + ".meta")).read_text()
        guid = re.match(r"fileFormatVersion: 2\nguid: ([0-9a-f]{32})\n", text)[1]
        assert guid not in guids, f"{file} has the GUID of {guids[guid]}"
        guids[guid] = file
        assert "{{" not in text, file
        importer = re.search(r"^([A-Za-z]+):$", text, re.M)[1]
        if file.startswith("Plugins/") and (top / file).is_file():
            same(importer, "PluginImporter")
            same(text.count("enabled: 1"), 2 if "DefaultValueInitialized" in text and "OS: AnyOS" not in text else 1)
        elif file.endswith(".cs"):
            same(importer, "MonoImporter")
    by_file = {file: guid for guid, file in guids.items()}
    same({file: by_file[file] for file in GUIDS}, GUIDS)
    for file in ("Plugins/iOS/libtim.a", "Plugins/Android/arm64-v8a/libtim.so", "Plugins/Windows/x86_64/tim.dll"):
        assert file in plain, file
    manifest = json.loads((top / "package.json").read_text())
    assert re.fullmatch(r"[a-z0-9]+(\.[a-z0-9-]+)+", manifest["name"]), manifest["name"]
    for sample in manifest["samples"]:
        assert list((top / sample["path"]).glob("*.cs")), sample
    for file in ("README.md", "CHANGELOG.md"):
        leads_somewhere((top / file).read_text(encoding="utf-8"))
    assert "the C# client (docs/csharp.md)" in (top / "README.md").read_text(encoding="utf-8")
    definition = json.loads((top / "Runtime/Tim.Client.asmdef").read_text())
    assert definition["allowUnsafeCode"]
    # There is no library for it.
    same((definition["includePlatforms"], definition["excludePlatforms"]), ([], ["WebGL"]))
    ElementTree.parse(top / "Samples~/Chat/link.xml")
    # What is in the package compiles, with nothing else but the stand-ins for Unity.
    sources = [str(file) for folder in ("Runtime", "Samples~") for file in (top / folder).rglob("*.cs")]
    stubs = ROOT / "bindings/unity/tests/Stubs.cs"
    for defines in ("UNITY_5_3_OR_NEWER", "UNITY_5_3_OR_NEWER;UNITY_EDITOR", "UNITY_5_3_OR_NEWER;UNITY_IOS"):
        output = work / "package.dll"
        flags = ("-warnaserror", "-langversion:7.2", "-unsafe", "-target:library", f"-d:{defines}", f"-out:{output}")
        run("mcs", *flags, *sources, stubs)
        imported = b"_\0_\0I\0n\0t\0e\0r\0n\0a\0l\0" in output.read_bytes() or b"__Internal" in output.read_bytes()
        same(imported, defines.endswith("IOS"))


def main(built, library):
    with tempfile.TemporaryDirectory(prefix="tim-packages-") as work:
        nuget(Path(work), Path(built), library)
        unity(Path(work), library)
    print("csharp packages: NuGet and Unity are as they must be")


if __name__ == "__main__":
    main(*sys.argv[1:])
