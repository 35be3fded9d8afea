"""Sizes and times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from dlcli import quantities


@pytest.mark.parametrize(
    ("num_bytes", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (999_949_999, "999.9 MB"),
        (999_950_000, "1.0 GB"),
        (1_234_567_890_123, "1,234.6 GB"),
    ],
)
def test_file_sizes(num_bytes, text):
    assert quantities.file_size(num_bytes) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (12.34, "12.3 s"),
        (59.94, "59.9 s"),
        (59.95, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3599.4, "59 min 59 s"),
        (3599.5, "1 h 0 min"),
        (100_000, "27 h 46 min"),
    ],
)
def test_durations(seconds, text):
    assert quantities.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "2026-11-21"),
        (0, "just now"),
        (59.9, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "1 d ago"),
        (30 * 86_400 - 1, "29 d ago"),
        (30 * 86_400, "2026-10-22"),
    ],
)
def test_ages(seconds, text):
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert quantities.age(now - timedelta(seconds=seconds), now) == text
