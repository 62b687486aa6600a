"""What the gate lets through, and what it tells."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nightreel.checks.gate import KeyNotGiven, judge_release, raise_if_refused
from nightreel.checks.judge import judge
from nightreel.checks.suites.source import source_suite
from nightreel.errors import ReleaseRejected
from nightreel.media.planning.plan import Plan
from nightreel.media.source import SourceProbe
from tests.checks.material import ONE_RUNG, Material, ffmpeg, make_release, make_source


def test_an_undamaged_release_passes_every_suite(undamaged: Material) -> None:
    result = undamaged.judged()

    assert [str(failure) for failure in result.failures] == []
    assert [suite.name for suite in result.suites] == [
        "source", "renditions", "segments", "subtitles", "protection", "playlists", "stills", "release",
    ]  # fmt: skip
    raise_if_refused(result)


def test_a_release_of_every_kind_of_rendition_passes(every_kind: Material) -> None:
    assert len(every_kind.plan.renditions) == 9
    assert [str(failure) for failure in every_kind.judged().failures] == []


def test_an_encrypted_release_passes_with_its_key(encrypted: Material) -> None:
    assert [str(failure) for failure in encrypted.judged().failures] == []


def test_an_encrypted_release_is_not_judged_without_its_key(encrypted: Material) -> None:
    with pytest.raises(KeyNotGiven, match="content key"):
        replace(encrypted, key=None).judged()


@pytest.mark.parametrize(
    ("seconds", "rate", "size", "sound"),
    [
        pytest.param(1, "30", "640x360", True, id="one second"),
        pytest.param(7, "25", "640x360", False, id="no sound"),
        pytest.param(6.2, "30000/1001", "360x640", True, id="portrait, with a short last segment"),
        pytest.param(0.5, "50", "202x114", True, id="smaller than every rung"),
    ],
)
def test_a_title_of_any_shape_passes(
    seconds: float, rate: str, size: str, sound: bool, tmp_path: Path
) -> None:
    source = make_source(tmp_path / "source.mp4", seconds=seconds, rate=rate, size=size, sound=sound)

    result = make_release(source, tmp_path).judged()

    assert [str(failure) for failure in result.failures] == []


def test_a_rate_that_peaks_above_the_advice_is_told_and_not_refused(tmp_path: Path) -> None:
    scene = "testsrc2=s=192x108:r=25,noise=alls=40:allf=t,drawbox=c=black:t=fill:enable='lt(t,12)'"
    source = tmp_path / "source.mp4"
    ffmpeg("-f", "lavfi", "-i", scene, "-t", "18", "-c:v", "libx264", "-preset", "ultrafast", str(source))

    result = make_release(source, tmp_path, ONE_RUNG).judged()

    assert [str(failure) for failure in result.failures] == []
    assert [advice.rule for advice in result.advice] == ["peak-over-average"]
    assert "200 %" in result.summary()["advice"][0]
    raise_if_refused(result)


def test_a_refusal_names_what_is_wrong_and_where(copied: Material) -> None:
    (copied.directory / "stream_360p_001.m4s").unlink()

    with pytest.raises(ReleaseRejected, match=r"missing: stream_360p_001\.m4s") as refusal:
        raise_if_refused(copied.judged())

    assert refusal.value.code == "gate_refused"


def test_the_report_is_a_site_with_a_page_per_suite(undamaged: Material, tmp_path: Path) -> None:
    report = tmp_path / "reports" / "release"

    judge_release(undamaged.directory, undamaged.plan, undamaged.source, undamaged.source.size_bytes, report)

    assert "Data Docs" in (report / "index.html").read_text()
    pages = {page.parts[-4] for page in report.glob("validations/*/*/*/*.html")}
    assert pages == {
        "source",
        "renditions",
        "segments",
        "subtitles",
        "protection",
        "playlists",
        "stills",
        "release",
    }


def test_a_report_names_the_rule_that_was_not_met(copied: Material, tmp_path: Path) -> None:
    (copied.directory / "poster.jpg").write_bytes(b"none")

    judge_release(copied.directory, copied.plan, copied.source, copied.source.size_bytes, tmp_path / "report")

    page = next((tmp_path / "report").glob("validations/release/*/*/*.html")).read_text()
    assert "A thumbnail or the poster is damaged" in page


def test_the_summary_holds_what_a_second_judgement_needs(undamaged: Material) -> None:
    summary = json.loads(json.dumps(undamaged.judged().summary()))

    assert summary["passed"] is True
    assert SourceProbe.model_validate(summary["source"]) == undamaged.source
    assert summary["fetched_bytes"] == undamaged.source.size_bytes
    assert Plan.model_validate(undamaged.plan.model_dump(mode="json")) == undamaged.plan


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"duration": 0.0}, "source-duration"),
        ({"duration": 15.0}, "planned-duration"),
        ({"frames": 0}, "source-frames"),
        ({"size_bytes": 1}, "source-size"),
    ],
)
def test_a_source_that_is_not_what_was_recorded_is_refused(
    changed: dict[str, float], rule: str, undamaged: Material
) -> None:
    source = undamaged.source.model_copy(update=changed)

    suite = source_suite(undamaged.plan, source, undamaged.source.size_bytes)

    assert rule in {found.rule for found in judge([suite])[0].verdicts if not found.passed}


def test_a_picture_without_lines_is_no_source(undamaged: Material) -> None:
    video = undamaged.source.video.model_copy(update={"width": 0, "height": 0, "codec": ""})
    source = undamaged.source.model_copy(update={"video": video})

    suite = source_suite(undamaged.plan, source, undamaged.source.size_bytes)

    refused = {found.rule for found in judge([suite])[0].verdicts if not found.passed}
    assert refused == {"source-width", "source-height", "source-codec"}
