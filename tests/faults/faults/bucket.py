"""The bucket, as the stack's own programs reach it."""

import time
from collections.abc import Callable
from random import Random

from tests.faults.proxy import Misdeed
from tests.faults.scene import Scene


def misbehaving(misdeed: Misdeed) -> Callable[[Scene, Random], str | None]:
    def strike(scene: Scene, random: Random) -> str | None:
        seconds, proxy = random.uniform(5, 20), scene.ground.proxy
        before = proxy.met
        proxy.misbehave(misdeed)
        try:
            time.sleep(seconds)
        finally:
            proxy.misbehave(None)
        met = proxy.met - before
        return f"bucket: {misdeed} for {seconds:.0f} s, met by {met} connections" if met else None

    return strike
