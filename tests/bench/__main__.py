"""`make bench`: every benchmark in turn, each figure beside its goal."""

from __future__ import annotations

from rich.console import Console

from tests.bench import (
    bench_calls,
    bench_extract,
    bench_metering,
    bench_nights,
    bench_rating,
    bench_reconciliation,
)

bench_extract.main(Console())
bench_calls.main(Console())
bench_metering.main(Console())
bench_rating.main()
bench_reconciliation.main(Console())
bench_nights.main()
