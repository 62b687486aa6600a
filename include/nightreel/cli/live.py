"""Progress on a terminal: redrawn in place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from nightreel.cli.console import console
from nightreel.cli.json_lines import ProgressJson
from nightreel.cli.lines import ProgressLines, waiting_words
from nightreel.cli.progress import RenditionProgress, RunProgress, TitleProgress
from nightreel.cli.tables import LONGEST_REASON, clock, renditions, state
from nightreel.text import one_line

_BAR_WIDTH = 24
_FEWEST_ENDED = 3
_WITHOUT_BAR = ("failed", "retrying", "skipped")
# The head, a blank line, the two sums, and the cursor's line.
_OTHER_LINES = 5


@contextmanager
def run_view(terminal: Console, *, as_json: bool = False) -> Iterator[Callable[[RunProgress], None]]:
    """Shows progress: redrawn in place on a terminal, otherwise as lines, or as lines of JSON."""
    if as_json:
        yield ProgressJson(lambda line: terminal.print(line, markup=False, soft_wrap=True)).show
        return
    if not terminal.is_terminal:
        yield ProgressLines(lambda line: terminal.print(line, markup=False)).show
        return
    with Live(console=terminal, auto_refresh=False) as live:
        yield lambda run: live.update(render(run, terminal.size.height), refresh=True)


@contextmanager
def byte_progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar over `total` bytes, shown only on a terminal. Yields a callback for the bytes sent."""
    columns = (
        # A file's name must not be read as markup.
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    terminal = console()
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bars:
        task = bars.add_task(one_line(label), total=total)
        yield lambda count: bars.advance(task, count)


def render(run: RunProgress, height: int) -> RenderableType:
    """The run in at most `height` lines, if the titles in progress leave room."""
    working = [row for title in run.working for row in _working_rows(title)]
    room = max(_FEWEST_ENDED, height - len(working) - _OTHER_LINES)
    ended = run.done[-room:]
    grid = Table.grid(padding=(0, 2, 0, 0))
    for title in ended:
        grid.add_row(_heading(title), _state(title), _detail(title))
    for row in working:
        grid.add_row(*row)
    earlier = len(run.done) - len(ended)
    notes = [f"{earlier} more done before"] if earlier else []
    if run.waiting:
        notes.append(waiting_words(run.waiting))
    return Group(_head(run), grid, *(Text(note, style="dim") for note in notes))


def _head(run: RunProgress) -> Text:
    told = [run.dag_id, run.step or run.state]
    if run.run_count > 1:
        told.append(f"{len(run.done)} of {run.run_count} runs")
    return Text.assemble((" · ".join(told), "bold"), ("  " + clock(run.seconds), "dim"))


def _working_rows(title: TitleProgress) -> Iterator[tuple[RenderableType, ...]]:
    yield _heading(title), Text(title.step, style="cyan"), Text(clock(title.seconds), style="dim")
    for each in title.renditions:
        yield Text(f"  {each.label}", style="dim"), _bar(each), Text(_figures(each), style="dim")


def _heading(title: TitleProgress) -> Text:
    return Text.assemble((str(title.title), "bold"), f"  {one_line(title.name)}")


def _bar(rendition: RenditionProgress) -> RenderableType:
    if rendition.state in _WITHOUT_BAR:
        return Text(rendition.state, style="red")
    percent = 100.0 if rendition.state == "done" else rendition.percent or 0.0
    return ProgressBar(total=100.0, completed=percent, width=_BAR_WIDTH)


def _figures(rendition: RenditionProgress) -> str:
    if rendition.percent is None or rendition.speed is None:
        return "" if rendition.state in _WITHOUT_BAR else rendition.state
    left = "" if rendition.eta_seconds is None else f"  {clock(rendition.eta_seconds)} left"
    return f"{rendition.percent:3.0f} %  {rendition.speed:.1f}×{left}"


def _state(title: TitleProgress) -> Text:
    if title.verdict is None:
        return Text("gone from the catalog", style="red")
    return state(title.verdict)


def _detail(title: TitleProgress) -> Text:
    if title.verdict is not None and title.verdict.state == "published":
        return Text.assemble(renditions(title.verdict), (f"  {clock(title.seconds)}", "dim"))
    told = (title.verdict.reason if title.verdict else None) or title.failed_step
    return Text(one_line(told, LONGEST_REASON), overflow="ellipsis")
