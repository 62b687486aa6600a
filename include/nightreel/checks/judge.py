"""Judges suites with Great Expectations, which is imported here and nowhere else.

Importing it takes about six seconds, so it happens inside the functions: a process that
does not judge does not pay for it.
"""

import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nightreel.checks.data_docs import write_site
from nightreel.checks.suites.rules import Rule, Suite
from nightreel.checks.verdicts import FailedRow, SuiteVerdict, Verdict, observed


def judge(
    suites: Sequence[Suite], *, report_directory: Path | None = None, every_row: bool = False
) -> tuple[SuiteVerdict, ...]:
    """Judge suites in one context. With `report_directory`, leave the Data Docs site there.

    An existing report is replaced. `every_row` asks for all failed rows instead of the first twenty.
    """
    with _context(report_directory) as context:
        source = context.data_sources.add_pandas("release")
        verdicts = tuple(_judge_suite(context, source, suite, every_row) for suite in suites)
        if report_directory is not None:
            write_site(context, report_directory)
    return verdicts


def _judge_suite(context: Any, source: Any, suite: Suite, every_row: bool) -> SuiteVerdict:
    import great_expectations as gx
    import pandas

    frame = pandas.DataFrame([asdict(row) for row in suite.rows], columns=list(suite.columns), dtype=object)
    frame["row"] = range(len(frame))
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(
            name=suite.name,
            data=source.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("all"),
            suite=context.suites.add(
                gx.ExpectationSuite(
                    name=suite.name, expectations=[_expectation(rule) for rule in suite.rules]
                )
            ),
        )
    )
    result = definition.run(
        batch_parameters={"dataframe": frame},
        result_format={
            "result_format": "COMPLETE" if every_row else "SUMMARY",
            "unexpected_index_column_names": ["row", "name"],
        },
    )
    # The library sorts by column; the rules are written from cause to effect.
    order = {rule.name: position for position, rule in enumerate(suite.rules)}
    verdicts = sorted(
        (_verdict(suite.name, item) for item in result.results), key=lambda verdict: order[verdict.rule]
    )
    return SuiteVerdict(suite.name, tuple(verdicts))


def _expectation(rule: Rule) -> Any:
    import great_expectations as gx

    name = "".join(part.capitalize() for part in rule.expectation.split("_"))
    meta = {"rule": rule.name, "sentence": rule.sentence, "is_advice": rule.is_advice}
    # Sentences say what is wrong; on the report they stand beside what was met as well.
    description = f"Must not be so: {rule.sentence}"
    return getattr(gx.expectations, name)(
        **rule.arguments,
        description=description,
        meta=meta,
        severity="warning" if rule.is_advice else "critical",
    )


def _verdict(suite: str, item: Any) -> Verdict:
    config = item.expectation_config
    columns = (config.kwargs.get(key) for key in ("column", "column_A", "column_B"))
    failed = _failed_rows(item)
    return Verdict(
        suite=suite,
        expectation=config.type,
        column=", ".join(column for column in columns if column),
        rule=config.meta["rule"],
        sentence=config.meta["sentence"],
        observed="" if item.success else _observed(item, failed),
        passed=bool(item.success),
        is_advice=config.meta["is_advice"],
        failed_rows=tuple(row.position for row in failed),
    )


def _failed_rows(item: Any) -> list[FailedRow]:
    found = item.result.get("unexpected_index_list") or item.result.get("partial_unexpected_index_list")
    return [
        FailedRow(
            position=int(row["row"]),
            name=str(row["name"]),
            values=tuple(value for column, value in row.items() if column not in ("row", "name")),
        )
        for row in found or ()
    ]


def _observed(item: Any, failed: list[FailedRow]) -> str:
    if not failed:
        # An expectation that could not be judged at all counts as failed.
        return str(item.result.get("observed_value", item.exception_info))
    return observed(failed, int(item.result.get("unexpected_count", len(failed))))


@contextmanager
def _context(report_directory: Path | None) -> Iterator[Any]:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    with tempfile.TemporaryDirectory(prefix="nightreel-report-") as folder:
        context = (
            gx.get_context(mode="ephemeral")
            if report_directory is None
            else gx.get_context(mode="file", project_root_dir=folder)
        )
        context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
        yield context
