import os
import signal

import pytest

from nightreel.local.interruption import every_ending_is_an_interrupt, undisturbed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_kill_and_a_hang_up_unwind_like_ctrl_c(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), every_ending_is_an_interrupt():
        os.kill(os.getpid(), number)


def test_ctrl_c_unwinds_also_where_it_was_ignored_as_in_the_background_of_a_script() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt), every_ending_is_an_interrupt():
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_goes_on_when_interrupted(number: signal.Signals) -> None:
    finished = False
    with every_ending_is_an_interrupt(), undisturbed():
        os.kill(os.getpid(), number)
        finished = True
    assert finished


def test_the_handlers_of_before_are_back_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with every_ending_is_an_interrupt(), undisturbed():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
