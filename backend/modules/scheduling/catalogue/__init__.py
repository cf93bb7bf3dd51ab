"""The reports that can be subscribed to. Their figures are those of `modules/reports`, computed by the same queries."""

from backend.core.errors import Invalid
from backend.modules.scheduling.catalogue.pipeline import PIPELINE
from backend.modules.scheduling.catalogue.report import Report
from backend.modules.scheduling.catalogue.selling import SELLING


class UnknownReport(Invalid):
    """There is no report of this name to subscribe to. Facts: `value`, `choices`."""

    code = "unknown_report"
    field = "report"


REPORTS: dict[str, Report] = {report.name: report for report in (*SELLING, *PIPELINE)}


def named(name: str) -> Report:
    """Raises `UnknownReport`."""
    if name not in REPORTS:
        raise UnknownReport(value=name, choices=", ".join(REPORTS))
    return REPORTS[name]
