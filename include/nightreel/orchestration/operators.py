"""The operators of all tasks: their arguments are data, not templates.

Airflow treats strings among a task's arguments as Jinja templates, and its templates can call anything
(`macros`, `conn`). It recognises most values from other tasks by identity, and does not render those; but
it does render what `expand_kwargs` passes. None of Nightreel's tasks needs a template, so none is
rendered, wherever a value comes from.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, cast

from airflow.providers.standard.decorators.python import _PythonDecoratedOperator
from airflow.sdk.bases.decorator import task_decorator_factory

if TYPE_CHECKING:
    from airflow.sdk import XComArg


class GivenLiterally:
    """A mixin for operators: resolves what comes from other tasks, and renders nothing."""

    def render_template(self, content: Any, *context: Any, **more: Any) -> Any:
        """Text unchanged; each item of a collection."""
        # Paths of object stores count as text, too.
        if isinstance(content, str) or hasattr(content, "__fspath__"):
            return content
        return super().render_template(content, *context, **more)  # type: ignore[misc]


class Task(GivenLiterally, _PythonDecoratedOperator):
    """One of Nightreel's functions as a task."""


class TaskFunction(Protocol):
    """A task's function. When called with what other tasks return, it stands for a task in the graph."""

    def __call__(self, *arguments: Any, **more: Any) -> "XComArg":
        """Adds the task to the DAG."""

    def partial(self, **arguments: Any) -> "TaskFunction":
        """Gives arguments that are the same for every mapped task."""

    def expand(self, **mapped: Any) -> "XComArg":
        """Adds a mapped task, with one instance per value."""


def task(**arguments: Any) -> Callable[[Callable[..., Any]], TaskFunction]:
    """Airflow's `@task`, over `Task`."""
    decorator = task_decorator_factory(decorated_operator_class=Task, **arguments)
    return cast(Callable[[Callable[..., Any]], TaskFunction], decorator)
