"""The manifest of a run's exports: a sha256 sum a file, signed with a key of the user's.

It is `SHA256SUMS` in the folder `exports`, as `sha256sum --check SHA256SUMS` reads it. Its first
line is a comment with the signature: that a manifest fits says nothing where whoever wrote the
files may have written it too, and so a run that was copied from another user is not known here.
"""

from __future__ import annotations

import hmac
import os
import secrets
import tempfile
from pathlib import Path

from dlcli import files
from dlcli.artifacts.contents import TRUST
from dlcli.errors import ArtifactError, DlcliError

FILE = "SHA256SUMS"
_SIGNED = "# signed by dlcli: "


def add(artifact: Path) -> None:
    """Write the sums of a file or a folder into the manifest beside it, and sign it.

    Sums of what is no longer there are left out, and so is the signature where no key can be
    kept.
    """
    folder = artifact.parent
    # What somebody else signed, or nobody, must not get a signature here.
    sums, reason = _read(folder)
    if reason:
        sums = {}
    sums = {
        name: digest
        for name, digest in sums.items()
        if not _is_in(name, artifact.name) and (folder / name).is_file()
    }
    sums |= {name: _digest(folder / name) for name in _files(artifact)}
    text = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
    signature = _sign(text)
    files.write_text(folder / FILE, f"{_SIGNED}{signature}\n{text}")


def check(artifact: Path) -> None:
    """See that a file or a folder is what an export of this user wrote.

    Raises:
        ArtifactError: it is not known, or a file in it has changed.
    """
    sums, reason = _read(artifact.parent)
    expected = {name: digest for name, digest in sums.items() if _is_in(name, artifact.name)}
    if not reason and not expected:
        reason = f"{artifact.parent / FILE} does not list it"
    if reason:
        raise ArtifactError(
            f"{artifact} is not known as an export of yours: {reason}. Loading it could run "
            "anything.",
            f"{TRUST} Or export it again: dlcli export RUN --format saved-model",
        )
    found = set(_files(artifact))
    for name in sorted(found | set(expected)):
        path = artifact.parent / name
        if name not in expected:
            raise _changed(path, "was added to it after it was exported")
        if name not in found:
            raise _changed(path, "is missing from it")
        if not hmac.compare_digest(_digest(path), expected[name]):
            raise _changed(path, "has changed since it was exported")


def check_if_listed(artifact: Path) -> None:
    """See that a file has not changed, where a manifest of this user lists it.

    Raises:
        ArtifactError: it has.
    """
    sums, reason = _read(artifact.parent)
    if not reason and artifact.name in sums:
        check(artifact)


def _changed(path: Path, what: str) -> ArtifactError:
    return ArtifactError(
        f"{path} {what}.",
        "Export it again: dlcli export RUN. If you made the change yourself, say --trust.",
    )


def _read(folder: Path) -> tuple[dict[str, str], str]:
    """Name -> sum of the manifest in a folder, and why it does not count, or ""."""
    path = folder / FILE
    try:
        head, _, text = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return {}, f"there is no manifest {path}"
    signature = head.removeprefix(_SIGNED)
    expected = _sign(text)
    if not expected or not hmac.compare_digest(signature.encode(), expected.encode()):
        return {}, f"{path} is not signed by you on this machine, or was changed"
    lines = (line.partition("  ") for line in text.splitlines())
    return {name: digest for digest, _, name in lines}, ""


def _is_in(name: str, artifact: str) -> bool:
    return name == artifact or name.startswith(f"{artifact}/")


def _files(artifact: Path) -> list[str]:
    """Every file of an artifact, relative to the folder it is in."""
    files = artifact.rglob("*") if artifact.is_dir() else [artifact]
    return [path.relative_to(artifact.parent).as_posix() for path in files if path.is_file()]


def _digest(path: Path) -> str:
    try:
        return files.sha256(path)
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}.") from None


def _sign(text: str) -> str:
    """The signature of a text, or "" where there is no key."""
    key = _key()
    return hmac.digest(key, text.encode(), "sha256").hex() if key else ""


def _key() -> bytes:
    """The user's key, made when it is missing; b"" where none can be kept."""
    try:
        path = files.config_folder() / "export.key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                dir=path.parent
            ) as aside:  # readable by the user alone
                aside.write(secrets.token_bytes(32))
                aside.flush()
                os.link(aside.name, path)
        return path.read_bytes()
    except FileExistsError:  # another process was faster
        return path.read_bytes()
    except (OSError, DlcliError):  # no home folder, or one that cannot be written
        return b""
