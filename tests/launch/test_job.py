"""The command of a job, and names made from it."""

import re

import pytest

from dlcli.errors import UsageError
from dlcli.launch import job
from dlcli.launch.job import Job


def test_a_job_starts_and_restarts_by_the_same_command():
    fresh = Job("mine", "digits-cnn", ("training.epochs=3",), 2)
    assert fresh.train_command() == "dlcli train digits-cnn training.epochs=3 --name mine --go-on"
    resumed = Job("runs/mine", None, ("training.epochs=9", "--allow-changed"), 2)
    assert resumed.train_arguments() == [
        *("train", "--resume", "runs/mine", "training.epochs=9", "--allow-changed")
    ]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("digits-cnn-20261125-101500", "digits-cnn-20261125-101500"),
        ("Mine_2 (last)", "mine-2-last"),
        ("2nd", "run-2nd"),
        ("Größe", "gr-e"),
        ("狗", "run"),
        ("-a-", "a"),
        ("x" * 90, "x" * 63),
        ("x" * 62 + ".y", "x" * 62),
    ],
)
def test_a_name_becomes_a_dns_label(name, label):
    assert job.dns_label(name) == label
    assert re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", label)


@pytest.mark.parametrize(
    ("text", "size"), [("32G", "32G"), ("512 MiB", "512M"), ("1tb", "1T"), ("8Gi", "8G")]
)
def test_a_size_is_a_number_and_a_letter(text, size):
    assert job.size(text, "--memory") == size


@pytest.mark.parametrize("text", ["32", "0G", "-1G", "1.5G", "G", "", "32Gig"])
def test_a_size_that_is_none_is_named(text):
    with pytest.raises(UsageError, match=re.escape(f"--memory is {text!r}.")):
        job.size(text, "--memory")
