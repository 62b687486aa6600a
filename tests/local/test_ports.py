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


def any_free() -> int:
    with ports.reserved({"any": []}) as chosen:
        return chosen["any"]


def is_free(port: int) -> bool:
    with socket.socket() as server:
        return server.connect_ex(("127.0.0.1", port)) != 0


def test_the_first_free_port_of_those_wanted_is_chosen(listener: socket.socket) -> None:
    taken, free = listener.getsockname()[1], any_free()
    with ports.reserved({"airflow": [taken, free]}) as chosen:
        assert chosen == {"airflow": free}


def test_a_taken_port_is_replaced_by_a_free_one(listener: socket.socket) -> None:
    taken = listener.getsockname()[1]
    with ports.reserved({"airflow": [taken]}) as chosen:
        assert chosen["airflow"] != taken
        assert is_free(chosen["airflow"])


def test_two_names_never_share_a_port() -> None:
    free = any_free()
    with ports.reserved({"one": [free], "two": [free], "three": []}) as chosen:
        assert chosen["one"] == free
        assert len(set(chosen.values())) == 3


def test_two_stacks_that_start_at_the_same_moment_get_different_ports() -> None:
    free = any_free()
    with ports.reserved({"s3": [free]}) as one, ports.reserved({"s3": [free]}) as other:
        assert one["s3"] == free
        assert other["s3"] != free


def test_a_reserved_port_may_be_listened_on_meanwhile_and_chosen_again_afterwards() -> None:
    with ports.reserved({"s3": []}) as chosen, socket.socket() as server:
        server.bind(("127.0.0.1", chosen["s3"]))
        server.listen()
    assert is_free(chosen["s3"])
    with ports.reserved({"s3": [chosen["s3"]]}) as again:
        assert again == chosen
