"""A zip whose bytes follow from its files alone, so that no byte of it can change unseen."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
ALIKE = (1980, 1, 1, 0, 0, 0)
UNIX = 3


class EvidenceDamaged(Exception):
    """A zip of evidence is not what was written; `lines` names what is not, a sentence each."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def pack(path: Path, about: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Write the files, and a manifest with the SHA-256 of each.

    Parameters:
        path: of the zip.
        about: what else the manifest says.
        files: content by name.
    """
    sums = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    manifest = json.dumps({**about, "files": sums}, indent=2, ensure_ascii=False) + "\n"
    path.write_bytes(_bytes({**files, MANIFEST: manifest.encode()}))


def unpack(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest, and the files without it.

    Raises:
        EvidenceDamaged: with each file that is not what the manifest says.
    """
    content = path.read_bytes()
    files, wrong = _files(path, content)
    try:
        manifest: dict[str, Any] = json.loads(files[MANIFEST])
        stated: dict[str, str] = dict(manifest["files"])
    except (KeyError, ValueError, TypeError):
        raise EvidenceDamaged(*(wrong or [f"{path} has no {MANIFEST} that can be read"])) from None
    for name in sorted(stated.keys() | files.keys() - {MANIFEST}):
        if name not in files:
            if not any(sentence.startswith(f"{name} ") for sentence in wrong):
                wrong.append(f"{name} is missing in {path}")
        elif name not in stated:
            wrong.append(f"{name} in {path} is not in its manifest")
        elif hashlib.sha256(files[name]).hexdigest() != stated[name]:
            wrong.append(f"{name} in {path} is not what its manifest says")
    if not wrong and _bytes(files) != content:
        wrong.append(f"{path} was changed outside of its files")
    if wrong:
        raise EvidenceDamaged(*wrong)
    return manifest, {name: content for name, content in files.items() if name != MANIFEST}


def _files(path: Path, content: bytes) -> tuple[dict[str, bytes], list[str]]:
    files, wrong = dict[str, bytes](), list[str]()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                try:
                    files[info.filename] = archive.read(info)
                except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
                    wrong.append(f"{info.filename} in {path} was changed")
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, OSError) as error:
        raise EvidenceDamaged(f"{path} is no zip that can be read: {error}") from None
    return files, wrong


def _bytes(files: Mapping[str, bytes]) -> bytes:
    """The zip: stored, in the order of the names, without time and place."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, ALIKE)
            info.create_system = UNIX
            archive.writestr(info, files[name])
    return target.getvalue()
