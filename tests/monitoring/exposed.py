"""Reads an exposition as Prometheus does."""

from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]


class Exposed:
    def __init__(self, text: str | bytes) -> None:
        text = text if isinstance(text, str) else text.decode()
        self.figures: dict[str, dict[Labels, float]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels = frozenset(sample.labels.items())
                assert labels not in self.figures.setdefault(sample.name, {}), f"{sample.name} twice for {labels}"
                self.figures[sample.name][labels] = sample.value

    def total(self, series: str, **labels: str) -> float:
        """The sum over the series with these labels, 0 if there are none."""
        rows = self.figures.get(series, {}).items()
        return sum(value for found, value in rows if set(labels.items()) <= found)

    def values(self, label: str) -> set[str]:
        """Every value that the label has anywhere."""
        return {value for rows in self.figures.values() for labels in rows for name, value in labels if name == label}

    @property
    def series(self) -> int:
        return sum(len(rows) for rows in self.figures.values())
