"""How sizes are written for people, on the pages and on the command line alike."""

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(count: float) -> str:
    """Bytes, in the decimal units that buckets are paid in, with three digits: 1234567 is 1.2 MB."""
    unit = 0
    while round(count) >= 1000 and unit < len(_UNITS) - 1:
        count /= 1000
        unit += 1
    whole = unit == 0 or round(count, 1) >= 100
    return f"{count:.{0 if whole else 1}f} {_UNITS[unit]}"
