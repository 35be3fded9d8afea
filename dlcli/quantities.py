"""Sizes and times as people read them."""

from __future__ import annotations

from datetime import datetime


def file_size(num_bytes: int) -> str:
    """Bytes in decimal units: 1,234,567 -> "1.2 MB"."""
    if num_bytes < 1000:
        return f"{num_bytes} bytes"
    if num_bytes < 999_500:
        return f"{num_bytes / 1e3:.0f} kB"
    if num_bytes < 999_950_000:
        return f"{num_bytes / 1e6:.1f} MB"
    return f"{num_bytes / 1e9:,.1f} GB"


def duration(seconds: float) -> str:
    """Seconds: 12.34 -> "12.3 s", 200 -> "3 min 20 s", 7500 -> "2 h 5 min"."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def age(moment: datetime, now: datetime) -> str:
    """How long ago: "just now", "5 min ago", "3 h ago", "12 d ago"; the date after a month."""
    seconds = (now - moment).total_seconds()
    if not 0 <= seconds < 30 * 86400:
        return f"{moment:%Y-%m-%d}"
    if seconds < 60:
        return "just now"
    for unit, length in (("d", 86400), ("h", 3600)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit} ago"
    return f"{seconds // 60:.0f} min ago"
