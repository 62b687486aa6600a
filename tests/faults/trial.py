"""One seed from its beginning to its verdict: a night, its faults, how it heals, and the look at it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar
from urllib.parse import quote

import psutil

from nightreel.local.failures import StackFailed
from tests.faults.faults import FAULTS, KEEP_CLAIMS
from tests.faults.invariants import judge
from tests.faults.leaking import looking
from tests.faults.observing import age, claims, observe, runs
from tests.faults.plan import Plan, Strike
from tests.faults.scene import AWAY, Scene
from tests.faults.stack import RELEASE_GRACE_SECONDS, Ground
from tests.faults.stage import Stage, Tell
from tests.faults.watching import watching

Answer = TypeVar("Answer")

HEAL_SECONDS = 900.0
"""A reservation that no run adopts ends after five minutes, and then a night must come."""
_HOUSEKEEPING_EVERY_SECONDS = 75.0
"""A claim that is not renewed lasts for sixty."""
_RUN_SECONDS = 420.0
_STRIKE_SECONDS = 90.0
_OPEN = ("queued", "running")
_DAGS = ("convert_title", "nightly_backlog")


@dataclass(frozen=True)
class Struck:
    """What a strike came to. `did` is None where there was nothing to break."""

    kind: str
    did: str | None
    seconds: float


@dataclass(frozen=True)
class Trial:
    """How a seed went. `heal_seconds` from the end of the last fault until all was done."""

    plan: Plan
    struck: tuple[Struck, ...]
    heal_seconds: float | None
    failures: tuple[str, ...]
    nights: int

    @property
    def passed(self) -> bool:
        return not self.failures


def try_plan(plan: Plan, stage: Stage, tell: Tell) -> Trial:
    """Runs a plan with titles of its own on the stack that is up, or on a fresh one."""
    scene = stage.scene(plan, tell)
    public = scene.ground.addresses.public_url
    with watching(public, scene.library.titles) as viewer, looking(scene) as leaks:
        healing = _Healing(scene, tell)
        healing.run(plan)
        _keep_house(scene, healing)
        tell("a last night and two housekeepings are over")
    leaks.search()
    kinds = {struck.kind for struck in healing.struck if struck.did}
    seen = observe(scene, viewer, healing.not_healed, leaks.found, kinds <= KEEP_CLAIMS)
    failures = tuple(judge(seen))
    if not failures:
        scene.library.retire()
        stage.leave({key: stored.etag for key, stored in seen.later_objects.items()})
    return Trial(plan, tuple(healing.struck), healing.seconds, failures, len(seen.nights))


class _Healing:
    """Nights one after the other, until what can be converted is, and nobody holds anything."""

    def __init__(self, scene: Scene, tell: Tell) -> None:
        self._scene = scene
        self._tell = tell
        self._began = time.monotonic()
        self._housekeeping_at = self._began + _HOUSEKEEPING_EVERY_SECONDS
        self.struck: list[Struck] = []
        self.seconds: float | None = None
        self.not_healed: list[str] = []

    def run(self, plan: Plan) -> None:
        self._begin_night()
        self._began = time.monotonic()
        strikers = [threading.Thread(target=self._strike, args=(each,), daemon=True) for each in plan.strikes]
        for striker in strikers:
            striker.start()
        while any(striker.is_alive() for striker in strikers):
            self._step(another_night=self._waiting())
        over = time.monotonic()
        self._tell("all faults are over")
        missing = self._missing()
        while missing and time.monotonic() - over < HEAL_SECONDS:
            self._step(another_night=self._waiting())
            missing = self._missing()
        if missing:
            self.not_healed = [
                f"not done {HEAL_SECONDS:.0f} s after the last fault: {each}" for each in missing
            ]
        else:
            self.seconds = time.monotonic() - over
            self._tell(f"healed after {self.seconds:.0f} s")

    def end_of(self, dag: str, run: str) -> str:
        """In which state a run is when it has ended, or the patience has."""
        deadline = time.monotonic() + _RUN_SECONDS
        while (state := _state(self._scene.ground, dag, run)) in _OPEN and time.monotonic() < deadline:
            time.sleep(0.5)
        return state

    def _step(self, another_night: bool) -> None:
        time.sleep(1)
        try:
            if another_night and not any(run.state in _OPEN for run in runs(self._scene, "nightly_backlog")):
                self._begin_night()
            if time.monotonic() > self._housekeeping_at:
                self._housekeeping_at = time.monotonic() + _HOUSEKEEPING_EVERY_SECONDS
                if claims(self._scene.ground):
                    self._scene.ground.trigger("housekeeping")
        except AWAY:
            return

    def _begin_night(self) -> None:
        self._scene.ground.trigger("nightly_backlog")

    def _strike(self, strike: Strike) -> None:
        time.sleep(max(0.0, self._began + strike.at - time.monotonic()))
        began = time.monotonic()
        try:
            did = _patiently(lambda: FAULTS[strike.kind](self._scene, Random(strike.seed)))
        except (*AWAY, StackFailed, psutil.Error) as error:
            did = None
            self._tell(f"{strike.kind} could not be done: {type(error).__name__}")
        self.struck.append(Struck(strike.kind, did, time.monotonic() - began))
        self._tell(f"{strike}: {did or 'nothing was there to break'}")

    def _missing(self) -> list[str]:
        """What is still to come, in words."""
        try:
            return [*self._unconverted(), *self._in_work()]
        except AWAY as error:
            return [f"a part does not answer ({type(error).__name__}: {str(error)[:200]})"]

    def _waiting(self) -> bool:
        """Whether a title is to be converted that no run has claimed."""
        try:
            claimed = self._scene.in_work()
            return any(int(said.split()[1]) not in claimed for said in self._unconverted())
        except AWAY:
            return False

    def _unconverted(self) -> list[str]:
        rows = self._scene.ground.rows("SELECT id, hls_url IS NOT NULL, duration_seconds FROM movies")
        said = {title: (has_url, seconds) for title, has_url, seconds in rows}
        wanted = self._scene.library.wanted
        lacking = self._scene.ground.rows(
            "SELECT content_id::int FROM nightreel.conversions WHERE release IS NOT NULL AND NOT complete"
        )
        return [
            *(
                f"movie {title} is to be a film of {seconds} s, and the row says {said.get(title)}"
                for title, seconds in sorted(wanted.items())
                if said.get(title) != (True, seconds)
            ),
            *(
                f"movie {title} has only its first release"
                for (title,) in sorted(lacking)
                if said.get(title) == (True, wanted.get(title))
            ),
        ]

    def _in_work(self) -> list[str]:
        held = [f"{each.title} is claimed for {each.run_id}" for each in claims(self._scene.ground)]
        open_runs = [run for dag in _DAGS for run in runs(self._scene, dag) if run.state in _OPEN]
        return [*held, *(f"{run.run_id} is {run.state}" for run in open_runs)]


def _keep_house(scene: Scene, healing: _Healing) -> None:
    """A last night and a housekeeping, and another one an hour later, as catalog and work area have it."""
    begun = time.monotonic()
    night = _patiently(lambda: scene.ground.trigger("nightly_backlog"))
    _housekeeping(scene, healing)
    if (state := healing.end_of("nightly_backlog", night)) in _OPEN:
        healing.not_healed.append(f"the last night is {state} after {_RUN_SECONDS:.0f} s")
    time.sleep(max(0.0, begun + RELEASE_GRACE_SECONDS + 1 - time.monotonic()))
    _patiently(lambda: age(scene.ground))
    _housekeeping(scene, healing)


def _housekeeping(scene: Scene, healing: _Healing) -> None:
    run = _patiently(lambda: scene.ground.trigger("housekeeping"))
    if (state := healing.end_of("housekeeping", run)) != "success":
        healing.not_healed.append(f"a housekeeping is {state} in the end")


def _state(place: Ground, dag: str, run_id: str) -> str:
    path = f"/dags/{dag}/dagRuns/{quote(run_id, safe='')}"
    return _patiently(lambda: str(place.airflow("GET", path)["state"]))


def _patiently(ask: Callable[[], Answer]) -> Answer:
    """What is answered, once the part that is asked is there again."""
    deadline = time.monotonic() + _STRIKE_SECONDS
    while True:
        try:
            return ask()
        except AWAY:
            if time.monotonic() > deadline:
                raise
        time.sleep(1)
