"""Files of Keras's data sets: looked for where Keras keeps them, downloaded like Keras does.

TensorFlow is not imported, and a file that is there already is never replaced or deleted.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.request
from pathlib import Path

from dlcli import files
from dlcli.errors import DataError, DlcliError

_TIMEOUT_SECONDS = 30


def content(file_name: str, title: str, *, url: str, sha256: str, num_bytes: int) -> bytes:
    """The checked content of a file, downloaded if it is not in the folder of Keras.

    Args:
        sha256: that Keras checks, in hexadecimal.
        num_bytes: its size; of a download no more is read.

    Raises:
        DataError: the file is another one, or there is none and no way to get it.
        DlcliError: the folder of Keras cannot be written.
    """
    path = _path(file_name)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        data = _downloaded(path, title, url, sha256, num_bytes)
        _keep(path, data)
        return data
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DataError(
            f"{path} is not the {title} file of Keras: its sha256 is not {sha256[:12]}...",
            "Move that file away; it is then downloaded again.",
        )
    return data


def present(file_name: str, title: str, hint: str) -> bytes:
    """The content of a file that Keras has downloaded before; nothing is downloaded here.

    Args:
        file_name: its path in the folder of Keras.

    Raises:
        DataError: it is not there, or cannot be read.
    """
    path = _path(file_name)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{title} is not at {path}.", hint) from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None


def _path(file_name: str) -> Path:
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path("~/.keras").expanduser()) / "datasets" / file_name


def _downloaded(path: Path, title: str, url: str, sha256: str, num_bytes: int) -> bytes:
    by_hand = f"Download {url} elsewhere and put it at {path} (KERAS_HOME sets the folder)."
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response:
            # No more than that: what is longer is another file.
            data: bytes = response.read(num_bytes + 1)
    except (OSError, http.client.HTTPException) as error:
        cause = getattr(error, "reason", error)
        raise DataError(
            f"{title} is not at {path} and cannot be downloaded: "
            f"{getattr(cause, 'strerror', None) or cause}.",
            by_hand,
        ) from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DataError(f"what {url} sent is not {title}: its sha256 is another.", by_hand)
    return data


def _keep(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.replacing(path, shared=True) as aside:
            aside.write_bytes(data)
    except OSError as error:
        raise DlcliError(
            f"{path} cannot be written: {error.strerror}.",
            "Make room or give access there, or set KERAS_HOME to another folder.",
        ) from None
