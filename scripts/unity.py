#!/usr/bin/env python3
"""The Unity package, as an archive that Unity's package manager installs.

    unity.py OUTPUT_FOLDER PLATFORM=LIBRARY…

PLATFORM is one of those in PLUGINS below. The C# sources are those of bindings/csharp. Each file gets its .meta file:
Unity leaves out what has none in a package. What identifies a file for Unity (its GUID) is made of its path, so that it
stays the same from version to version, and scenes find their scripts again.
"""

import hashlib
import io
import json
import re
import sys
import tarfile
from pathlib import Path

from readme import readme

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "bindings/unity"
# Platform: file, Unity's name for the build target, its CPU, and where the editor runs it.
PLUGINS = {
    "linux-x64": ("Plugins/Linux/x86_64/libtim.so", "Standalone: Linux64", "x86_64", "Linux"),
    "win-x64": ("Plugins/Windows/x86_64/tim.dll", "Standalone: Win64", "x86_64", "Windows"),
    "macos": ("Plugins/macOS/libtim.dylib", "Standalone: OSXUniversal", "AnyCPU", "OSX"),
    "android-arm64": ("Plugins/Android/arm64-v8a/libtim.so", "Android: Android", "ARM64", None),
    "ios": ("Plugins/iOS/libtim.a", "iPhone: iOS", "AnyCPU", None),
}
HEAD = "fileFormatVersion: 2\nguid: {guid}\n"
FOOT = "  externalObjects: {{}}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n"
FOLDER = HEAD + "folderAsset: yes\nDefaultImporter:\n" + FOOT
SCRIPT = HEAD + (
    "MonoImporter:\n  externalObjects: {{}}\n  serializedVersion: 2\n  defaultReferences: []\n"
    "  executionOrder: 0\n  icon: {{instanceID: 0}}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n"
)
PLUGIN = HEAD + (
    "PluginImporter:\n  externalObjects: {{}}\n  serializedVersion: 2\n  iconMap: {{}}\n  executionOrder: {{}}\n"
    "  defineConstraints: []\n  isPreloaded: 0\n  isOverridable: 0\n  isExplicitlyReferenced: 0\n"
    "  validateReferences: 1\n  platformData:\n"
    "  - first:\n      Any: \n    second:\n      enabled: 0\n      settings: {{}}\n"
    "  - first:\n      Editor: Editor\n    second:\n      enabled: {editor}\n      settings:\n"
    "        CPU: {editor_cpu}\n        DefaultValueInitialized: true\n        OS: {os}\n"
    "  - first:\n      {target}\n    second:\n      enabled: 1\n      settings:\n        CPU: {cpu}\n"
    "  userData: \n  assetBundleName: \n  assetBundleVariant: \n"
)
IMPORTERS = {
    ".asmdef": "AssemblyDefinitionImporter",
    ".json": "PackageManifestImporter",
    ".md": "TextScriptImporter",
    ".xml": "TextScriptImporter",
}


def guid(path):
    return hashlib.md5(f"com.libtim.client/{path}".encode(), usedforsecurity=False).hexdigest()


def meta(path):
    for file, target, cpu, editor in PLUGINS.values():
        if file == path:
            values = {"editor": int(editor is not None), "editor_cpu": cpu if editor else "AnyCPU"}
            return PLUGIN.format(guid=guid(path), target=target, cpu=cpu, os=editor or "AnyOS", **values)
    if path.endswith(".cs"):
        return SCRIPT.format(guid=guid(path))
    importer = IMPORTERS.get(Path(path).suffix, "DefaultImporter")
    return (HEAD + importer + ":\n" + FOOT).format(guid=guid(path))


def sources():
    """Path in the package: content."""
    manifest = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))
    workspace = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"', workspace.split("[workspace.package]")[1], re.M)[1]
    if manifest["version"] != version:
        sys.exit(f"package.json: version {manifest['version']}, and the library's is {version}")
    files = {"package.json": (SOURCE / "package.json").read_bytes()}
    for folder in ("Runtime", "Samples~"):
        for file in sorted((SOURCE / folder).rglob("*")):
            if file.is_file():
                files[file.relative_to(SOURCE).as_posix()] = file.read_bytes()
    for file in sorted((ROOT / "bindings/csharp/Tim.Client").glob("*.cs")):
        files[f"Runtime/Client/{file.name}"] = file.read_bytes()
    files["README.md"] = readme("docs/unity.md")
    files["CHANGELOG.md"] = readme("CHANGELOG.md")
    files["LICENSE.md"] = (ROOT / "LICENSE-MIT").read_bytes() + b"\n" + (ROOT / "LICENSE-APACHE").read_bytes()
    return manifest, files


def with_meta(files):
    """Besides: what Unity wants to know of each file and folder. Samples~ it does not look at before they are copied."""
    named = [path for path in files if not path.startswith("Samples~")]
    folders = {parent.as_posix() for path in named for parent in Path(path).parents if parent.name}
    metas = {f"{path}.meta": meta(path) for path in named}
    metas.update({f"{folder}.meta": FOLDER.format(guid=guid(folder)) for folder in folders})
    return {**files, **{path: text.encode() for path, text in metas.items()}}


def main(folder, *libraries):
    manifest, files = sources()
    for library in libraries:
        platform, _, path = library.partition("=")
        if platform not in PLUGINS:
            sys.exit(f"{platform} is none of {', '.join(PLUGINS)}")
        files[PLUGINS[platform][0]] = Path(path).read_bytes()
    Path(folder).mkdir(parents=True, exist_ok=True)
    archive = Path(folder) / f"{manifest['name']}-{manifest['version']}.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for path, content in sorted(with_meta(files).items()):
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    print(archive)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
