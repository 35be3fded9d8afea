"""Source code of Python's standard library: a text that every machine has, about 1.4 MB.

It is that of the Python that runs, so another version of Python is another text; the
fingerprint of the data says which.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path

from dlcli.data import DataSet, language_modeling
from dlcli.data.language_modeling import Corpus
from dlcli.errors import DataError
from dlcli.recipe.sections.language_modeling import Data, Preprocessing

KIND = "language_modeling"

# Modules that Python 3.11, 3.12 and 3.13 have in these files, without long tables of data.
# fmt: off
_MODULES = (
    "ast", "base64", "bdb", "calendar", "cmd", "codecs", "configparser", "contextlib", "copy",
    "csv", "dataclasses", "enum", "fractions", "functools", "gettext", "glob", "gzip", "heapq",
    "http/client", "json/decoder", "json/encoder", "logging/__init__", "os", "pprint", "random",
    "selectors", "shlex", "shutil", "socket", "socketserver", "string", "subprocess", "tempfile",
    "textwrap", "threading", "tokenize", "traceback", "urllib/parse", "uuid", "warnings",
    "weakref",
)
# fmt: on


def load(task: str, data: Data, preprocessing: Preprocessing) -> DataSet:
    """Read the modules, one after another in the order of their names.

    Raises:
        DataError: this Python comes without its sources.
    """
    folder = Path(sysconfig.get_path("stdlib"))
    texts = []
    for module in _MODULES:
        path = folder / f"{module}.py"
        try:
            texts.append(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise DataError(
                f"{path} cannot be read: {error.strerror}. The text is the source code of "
                "Python's standard library.",
                "Give a text of your own: --data FILE",
            ) from None
    text = "".join(texts)
    corpus = Corpus(text, "python_source", {"train": (0, len(text))})
    return language_modeling.dataset(corpus, data, preprocessing)
