"""Overrides that are printed: a shell and the recipe read them as they were meant."""

from __future__ import annotations

import subprocess

import pytest

from dlcli.recipe import overrides, yaml_source

NAMES = [
    "plain", "Temp, innen", "a: b", "x]y", "{x}", "it's", "* star", "#id", "- dash", "yes", "null",
    "2020", "1e3", "50 %", "!boom", "a\nb", "tab\there", "Größe", 'say "x"', "$HOME", "`ls`", "~",
    "\u2028", "back\\slash", " ", "=", "&a", "?", "|",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_survives_the_shell_and_yaml(name: str) -> None:
    command = f"printf '%s' {overrides.typed('data.exclude', [name, 'b'])}"
    pasted = subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout.decode()
    key, _, value = pasted.partition("=")
    assert key == "data.exclude"
    assert yaml_source.read(value, "").value == [name, "b"]


@pytest.mark.parametrize("value", [",", ".", "'", "auto", True, 3, None])
def test_a_value_survives_too(value: object) -> None:
    command = f"printf '%s' {overrides.typed('data.decimal', value)}"
    pasted = subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout.decode()
    assert yaml_source.read(pasted.partition("=")[2], "").value == value
