"""Makes FFmpeg continue its clock where the times of a source start over."""

from typing import Any

from nightreel.media.planning.plan import Plan
from nightreel.media.source import Restart


def running_on(plan: Plan) -> dict[str, Any]:
    """FFmpeg's input options; none for a source with one clock."""
    restarts = [restart for restart in plan.restarts if restart.shift]
    if not restarts:
        return {}
    times = (f"{name}='{_run_on(name.upper(), restarts)}'" for name in ("pts", "dts"))
    return {"bsf": "setts=" + ":".join(times)}


def _run_on(name: str, restarts: list[Restart]) -> str:
    """An expression for FFmpeg's `setts`: a packet's time, plus what is added from its place on."""
    added, before = "0", 0.0
    for restart in restarts:
        added += f"+gte(POS,{restart.position})*{restart.shift - before:.6f}/TB"
        before = restart.shift
    # The lowest number stands for an unknown time.
    return f"if(lt({name},-9e18),{name},{name}+{added})"
