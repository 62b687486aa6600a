"""The operators of all tasks: their arguments are data, not templates.

Airflow treats strings among a task's arguments as Jinja templates, and its templates may call
anything (`macros`, `conn`). It knows most values that come from another task by their identity,
and leaves those alone; what `expand_kwargs` brings it does not recognise, and renders. None of
Nightreel's tasks needs a template there, so none is rendered, whatever a value went through.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, cast

from airflow.providers.standard.decorators.python import _PythonDecoratedOperator
from airflow.sdk.bases.decorator import task_decorator_factory

if TYPE_CHECKING:
    from airflow.sdk import XComArg


class GivenLiterally:
    """A mixin before an operator: resolves what comes from other tasks, and renders nothing."""

    def render_template(self, content: Any, *context: Any, **more: Any) -> Any:
        """Text as it is; of a collection, each item."""
        # Paths of object stores are text too, in this regard.
        if isinstance(content, str) or hasattr(content, "__fspath__"):
            return content
        return super().render_template(content, *context, **more)  # type: ignore[misc]


class Task(GivenLiterally, _PythonDecoratedOperator):
    """A function of Nightreel's as a task."""


class TaskFunction(Protocol):
    """A function that is called with what other tasks return, and so stands for a task in the graph."""

    def __call__(self, *arguments: Any, **more: Any) -> "XComArg":
        """Adds the task to the DAG."""

    def partial(self, **arguments: Any) -> "TaskFunction":
        """Gives arguments that are the same for every mapped task."""

    def expand(self, **mapped: Any) -> "XComArg":
        """Adds a mapped task, one for each value."""


def task(**arguments: Any) -> Callable[[Callable[..., Any]], TaskFunction]:
    """Airflow's `@task`, over `Task`."""
    decorator = task_decorator_factory(decorated_operator_class=Task, **arguments)
    return cast(Callable[[Callable[..., Any]], TaskFunction], decorator)
