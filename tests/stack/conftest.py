"""The stack on which the demo ran, shared by the tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.stack.demo_stack import DemoStack, demo_stack


@pytest.fixture(scope="package")
def demo() -> Iterator[DemoStack]:
    with demo_stack() as stack:
        yield stack
