"""The colours of the pages, in both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

import nightreel.web

STYLES = Path(nightreel.web.__file__).parent / "assets" / "nightreel.css"
TEXT, PARTS = 4.5, 3.0
SURFACES = ("ground", "surface", "raised", "hover")


def colours(theme: int) -> dict[str, str]:
    """The colours of the light theme (0) or the dark one (1), by name."""
    pairs = re.findall(r"--([a-z0-9-]+): light-dark\((#\w{6}), (#\w{6})\);", STYLES.read_text())
    return {name: values[theme] for name, *values in pairs}


def luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "ink-soft", "ink-faint", "accent", "good", "care", "bad"])
@pytest.mark.parametrize("ground", SURFACES)
def test_words_can_be_read_on_every_surface(theme: int, ink: str, ground: str) -> None:
    palette = colours(theme)
    assert contrast(palette[ink], palette[ground]) >= TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("kind", ["good", "care", "bad", "accent", "still"])
def test_the_word_of_a_badge_can_be_read_on_it(theme: int, kind: str) -> None:
    palette = colours(theme)
    assert contrast(palette[kind], palette[f"{kind}-soft"]) >= TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_word_of_the_first_button_can_be_read_on_it(theme: int) -> None:
    palette = colours(theme)
    assert contrast(palette["on-accent"], palette["accent"]) >= TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("part", ["line-strong", *(f"series-{number}" for number in range(1, 7))])
def test_the_edge_of_a_field_and_the_lines_of_a_plot_stand_out(theme: int, part: str) -> None:
    palette = colours(theme)
    assert contrast(palette[part], palette["surface"]) >= PARTS
