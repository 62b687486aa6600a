"""What a night is compared with, and when its titles could be played."""

import pytest

from bench.backlog_report import Ended, Found, Night
from bench.cost import Cost
from bench.machine import Machine

MACHINE = Machine("Linux", "a processor", 2, 2**34, 0.0, ())
OWN = Night((Ended("1", 60.0, 1080, 5.0, 50.0), Ended("2", 10.0, 480, 8.0, 30.0)), 90.0)
EQUAL = Night((Ended("1", 60.0, 1080, 90.0, 90.0),), 170.0)
LOOP = Cost(100.0, 180.0)


def test_a_night_lasts_until_its_last_title_is_complete_and_plays_before() -> None:
    assert (OWN.wall_seconds, OWN.playing_seconds) == (50.0, 8.0)


@pytest.mark.parametrize(("clips", "most"), [(False, [0.95, 0.60]), (True, [3.0, 3.0])])
def test_nights_are_compared_with_the_loop(clips: bool, most: list[float]) -> None:
    found = list(Found(MACHINE, LOOP, EQUAL, OWN).ratios(clips=clips))
    assert [ratio for _, ratio, _ in found] == [0.9, 0.5]
    assert [limit for _, _, limit in found] == most


def test_what_was_not_measured_is_not_told() -> None:
    assert len(list(Found(MACHINE, LOOP, None, OWN).ratios(clips=False))) == 1
