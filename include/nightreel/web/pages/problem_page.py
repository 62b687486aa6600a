"""The error page that a browser is shown instead."""

from fastapi import Request
from fastapi.responses import Response

from nightreel.web.pages.templates import render
from nightreel.web.problems import Problem


def problem_page(request: Request, problem: Problem) -> Response:
    """What went wrong, in the words of the problem document, and the way back to the library."""
    answer = render(request, "problem.html", status=problem.status, problem=problem)
    answer.headers.update(problem.headers)
    return answer
