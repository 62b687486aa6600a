"""The bucket, as the stack's own programs reach it."""

import time
from collections.abc import Callable
from random import Random

from tests.faults.proxy import Misdeed
from tests.faults.scene import Scene, found_in_work, titles_in_work


def misbehaving(misdeed: Misdeed) -> Callable[[Scene, Random], str | None]:
    def strike(scene: Scene, random: Random) -> str | None:
        titles_in_work(scene, random)
        seconds, proxy = random.uniform(5, 20), scene.ground.proxy
        before = proxy.met
        proxy.misbehave(misdeed)
        try:
            time.sleep(seconds)
            # A conversion that has just begun may not have come to the bucket yet.
            found_in_work(scene, random, lambda: True if proxy.met > before else None)
        finally:
            proxy.misbehave(None)
        met = proxy.met - before
        return f"bucket: {misdeed} for {seconds:.0f} s, met by {met} connections" if met else None

    return strike
