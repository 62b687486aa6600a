"""The bars of an attempt's steps."""

from nightreel.web.watch.steps import steps_of


def test_steps_stand_in_the_order_they_began_and_fill_the_whole_time() -> None:
    steps = steps_of(
        {
            "transcode 360p": {"began": 110.0, "seconds": 20.0, "cpu_seconds": 31.0},
            "fetch": {"began": 100.0, "seconds": 10.0},
            "upload": {"began": 130.0, "seconds": 10.0},
        }
    )
    assert [(step.name, step.offset, step.share) for step in steps] == [
        ("fetch", 0.0, 0.25),
        ("transcode 360p", 0.25, 0.5),
        ("upload", 0.75, 0.25),
    ]


def test_what_has_no_times_is_left_out() -> None:
    assert steps_of({"fetch": {"seconds": 3.0}, "note": "seen", "plan": None}) == ()
    assert steps_of({}) == ()
