"""The user's rows, while their titles are converted."""

from random import Random

from tests.faults.plan import GOOD_TITLES
from tests.faults.scene import Scene, found_in_time


def delete(scene: Scene, random: Random) -> str | None:
    title = _in_work(scene, random)
    if title is None:
        return None
    scene.library.delete(title)
    return f"row {title} deleted"


def replace(scene: Scene, random: Random) -> str | None:
    title = _in_work(scene, random)
    seconds = scene.library.replace(title) if title is not None else None
    return None if seconds is None else f"the source of {title} replaced by a film of {seconds} s"


def in_work(scene: Scene) -> list[int]:
    """The good titles that are claimed now."""
    claimed = scene.ground.rows("SELECT content_id FROM nightreel.conversions WHERE state = 'claimed'")
    return sorted(int(each) for (each,) in claimed if int(each) in GOOD_TITLES)


def _in_work(scene: Scene, random: Random) -> int | None:
    titles = found_in_time(lambda: in_work(scene) or None)
    return random.choice(titles) if titles else None
