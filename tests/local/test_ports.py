import socket
from collections.abc import Iterator

import pytest

from nightreel.local import ports


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def test_a_port_with_a_listener_is_not_free(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert not ports.is_free(port)
    listener.close()
    assert ports.is_free(port)


def test_the_first_free_port_of_those_wanted_is_chosen(listener: socket.socket) -> None:
    taken = listener.getsockname()[1]
    free = ports.choose({"any": []})["any"]
    assert ports.choose({"airflow": [taken, free]}) == {"airflow": free}


def test_a_taken_port_is_replaced_by_a_free_one(listener: socket.socket) -> None:
    taken = listener.getsockname()[1]
    chosen = ports.choose({"airflow": [taken]})["airflow"]
    assert chosen != taken
    assert ports.is_free(chosen)


def test_two_names_never_share_a_port() -> None:
    free = ports.choose({"any": []})["any"]
    chosen = ports.choose({"one": [free], "two": [free], "three": []})
    assert chosen["one"] == free
    assert len(set(chosen.values())) == 3
