"""Names that hold codes of a terminal or line ends are shown escaped."""

import io

import pytest

from dlcli import shown
from dlcli.cli.screens import metrics_table, output
from dlcli.errors import DlcliError, RecipeError
from dlcli.reporting import card

HOSTILE = "a\x1b]0;owned\x07\x1b[31m\nError: all is well\u202e\r"
ESCAPED = r"a\x1b]0;owned\x07\x1b[31m\nError: all is well\u202e\r"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cat [b]", "cat [b]"),
        ("雏菊\u3000花", "雏菊\u3000花"),
        ("👩\u200d🔬 é", "👩\u200d🔬 é"),
        ("\n", r"'\n'"),
        ("  ", "'  '"),
        ("a\tb\x00\x9b", r"'a\tb\x00\x9b'"),
        ("not-utf-8-\udcff", r"'not-utf-8-\udcff'"),
        (HOSTILE, f"'{ESCAPED}'"),
    ],
)
def test_a_name_is_one_line_that_can_be_seen(name, expected):
    assert shown.name(name) == expected


def test_a_message_is_one_line_but_for_what_it_lists():
    assert str(DlcliError(f"no {HOSTILE}", f"see {HOSTILE}")) == f"no {ESCAPED}"
    assert DlcliError("no", f"see {HOSTILE}").hint == f"see {ESCAPED}"
    error = RecipeError("2 problems:", problems=(HOSTILE, "b"))
    assert error.message == f"2 problems:\n  {ESCAPED}\n  b"


def test_nothing_on_a_terminal_has_codes_of_others(capsys):
    output.error_console.cache_clear()
    screen = output.error_console()
    output.print_warning(HOSTILE, screen)
    output.print_line(screen, HOSTILE.replace("\n", " "))
    output.print_bad_files([(HOSTILE, HOSTILE)])
    output.print_next(f"dlcli {HOSTILE}")
    output.render_error(DlcliError(HOSTILE, HOSTILE), as_json=False)
    told = capsys.readouterr().err
    assert not set(told) & set("\x1b\x07\r\u202e")
    assert "\nError: all is well" not in told
    assert told.count(ESCAPED) == 6


def test_tables_and_cards_show_names_escaped():
    per_class = [{"class": HOSTILE, "precision": 1.0, "recall": 1.0, "f1": 1.0, "examples": 1}]
    file = io.StringIO()
    screen = output.console(file)
    screen.width = 200
    screen.print(metrics_table.per_class_table({"test": {"per_class": per_class}}))
    assert f"'{ESCAPED}'" in file.getvalue()
    assert card.marked("a\x1b[31m\nb") == r"a\x1b\[31m b".replace("\\x", "\\\\x")
