"""Sizes and times as people read them."""

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(count: float) -> str:
    """Bytes, in the decimal units that buckets are paid in, with three digits: 1234567 is 1.2 MB."""
    unit = 0
    while round(count) >= 1000 and unit < len(_UNITS) - 1:
        count /= 1000
        unit += 1
    whole = unit == 0 or round(count, 1) >= 100
    return f"{count:.{0 if whole else 1}f} {_UNITS[unit]}"


def timecode(seconds: float) -> str:
    """A place in a film, or a length, within a sentence: 3723 is 1:02:03, and 5 is 0:00:05."""
    whole = round(max(0.0, seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def clock(seconds: float) -> str:
    """Seconds, as players show them: 3723 is 1:02:03, and 5 is 0:05."""
    whole = round(max(0.0, seconds))
    return timecode(whole) if whole >= 3600 else f"{whole // 60}:{whole % 60:02}"
