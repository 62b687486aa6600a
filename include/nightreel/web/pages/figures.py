"""Figures as people read them: sizes, rates, lengths, ages and prices."""

from datetime import UTC, datetime

from markupsafe import Markup

from nightreel import figures

_STEPS = ((86_400 * 365, "y"), (86_400, "d"), (3600, "h"), (60, "min"))
_NOTHING = "–"
_MINUTES_ALONE = 10
"""From this many minutes on, seconds are omitted."""


def size(count: float | None) -> str:
    """Bytes, in the decimal units that buckets are paid in: 1234567 is 1.2 MB."""
    return _NOTHING if count is None else figures.size(count)


def bitrate(rate: float | None) -> str:
    """Bits per second: 2500000 is 2.5 Mb/s."""
    if rate is None:
        return _NOTHING
    return f"{rate / 1e6:.1f} Mb/s" if rate >= 1e6 else f"{rate / 1e3:.0f} kb/s"


def duration(seconds: float | None) -> str:
    """Seconds, in the two largest units that matter: 5430 is 1 h 30 min."""
    if seconds is None:
        return _NOTHING
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s" if whole or not seconds else "< 1 s"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if not hours and minutes >= _MINUTES_ALONE:
        return f"{minutes} min"
    parts = ((hours, "h"), (minutes, "min")) if hours else ((minutes, "min"), (left, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def clock(seconds: float | None) -> str:
    """Seconds, as players show them: 5430 is 1:30:30."""
    return _NOTHING if seconds is None else figures.clock(seconds)


def dollars(amount: float) -> str:
    """US dollars and cents."""
    return f"${amount:,.2f}" if amount >= 0.01 or amount == 0 else "< $0.01"


def age(moment: datetime | None) -> Markup | str:
    """How long ago, or in how long, as a <time> whose title is the exact moment."""
    if moment is None:
        return _NOTHING
    seconds = (datetime.now(UTC) - moment).total_seconds()
    return _time(moment, _since(seconds), "age")


def moment(at: datetime | None) -> Markup | str:
    """A date and time in UTC, as a <time> that a script converts to the reader's time zone."""
    if at is None:
        return _NOTHING
    return _time(at, f"{at.astimezone(UTC):%d %b %Y, %H:%M} UTC", "moment")


def hour(at: datetime | None) -> Markup | str:
    """As `moment`, but only the time of day."""
    if at is None:
        return _NOTHING
    return _time(at, f"{at.astimezone(UTC):%H:%M} UTC", "hour")


def _since(seconds: float) -> str:
    length, past = abs(seconds), seconds >= 0
    for step, unit in _STEPS:
        if length >= step:
            said = f"{int(length // step)} {unit}"
            return f"{said} ago" if past else f"in {said}"
    return "just now" if past else "in a moment"


def _time(at: datetime, text: str, form: str) -> Markup:
    stamp = at.astimezone(UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}" data-form="{}" title="{}">{}</time>').format(
        stamp, form, f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC", text
    )
