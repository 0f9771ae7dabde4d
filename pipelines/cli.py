"""The command line `backup-billing`.

Every command that pulls, replays or rebuilds runs the Dagster job of the same name, on the same
records as the schedule. Exit status: 0 all well, 1 something failed and was named, 2 bad usage or
configuration.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from typing import Annotated, NoReturn

import typer

from connectors.stream import Stream
from connectors.vendor import Vendor, vendors
from pipelines.cli_audit import AsKnown, To, evidence, explain, rebuild_as_known, verify, verify_evidence
from pipelines.cli_figures import preview, what_if
from pipelines.cli_files import import_file
from pipelines.cli_findings import app as findings_app
from pipelines.cli_findings import reconcile
from pipelines.cli_invoices import credit, invoices, issue, prepare, show, void
from pipelines.cli_mappings import app as mappings_app
from pipelines.cli_movements import bridge, margin
from pipelines.cli_periods import close, reopen, restatements, waive
from pipelines.cli_revirt365 import app as revirt365_app
from pipelines.cli_sandbox import app as sandbox_app
from pipelines.settings import PROJECT, Settings
from pipelines.terminal import err, out, refuse, settings_or_refuse

app = typer.Typer(
    name="backup-billing",
    help="Usage and billing for resellers of backup: vendor APIs to raw Parquet to DuckDB invoices.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(sandbox_app, name="sandbox")
app.add_typer(revirt365_app, name="revirt365")
app.add_typer(findings_app, name="findings")
app.add_typer(mappings_app, name="mappings")
app.command("import")(import_file)
app.command()(preview)
app.command("what-if")(what_if)
app.command("verify-evidence")(verify_evidence)
for command in (
    verify,
    explain,
    evidence,
    prepare,
    issue,
    void,
    credit,
    invoices,
    show,
    restatements,
    waive,
    close,
    reopen,
    reconcile,
    bridge,
    margin,
):
    app.command()(command)

Day = Annotated[
    str | None, typer.Option("--date", help="Billing day as YYYY-MM-DD; yesterday when left out.")
]
VendorName = Annotated[str | None, typer.Option("--vendor", help="Only this vendor.")]
StreamName = Annotated[str | None, typer.Option("--stream", help="Only this stream.")]


@app.command()
def nightly(day: Day = None, vendor: VendorName = None, stream: StreamName = None) -> None:
    """Pull one day from every configured vendor, then bring the warehouse up to date."""
    settings = settings_or_refuse()
    from pipelines.nights import run_night, run_nights
    from pipelines.runs import instance
    from pipelines.workers import Workers

    chosen, night = _active(settings, vendor, stream), _day(day)
    if len({one.vendor for one in chosen}) == 1:  # nothing to do side by side
        report = run_night(instance(), night, chosen)
    else:
        with Workers(instance()) as workers:
            (report,) = run_nights(workers, [(night, chosen)])
    for name, run in report.vendors.items():
        out.print(f"{report.day} {name}: " + ("ok" if not run.failures else f"{len(run.failures)} failed"))
    out.print(f"{report.day} warehouse: " + ("published" if not report.warehouse.failures else "failed"))
    _exit_with(report.failures)


@app.command("catch-up")
def catch_up() -> None:
    """Run each night since the last full month began that is not landed yet, and show the bill.

    Without any vendor configured, the sandbox stands in for them.
    """
    settings = settings_or_refuse()
    from pipelines.catch_up import catch_up as run
    from pipelines.stand_in import SandboxFailed

    try:
        failures = run(settings, out)
    except SandboxFailed as error:
        refuse(str(error), status=1)
    _exit_with(failures)


@app.command()
def replay(day: Day = None, vendor: VendorName = None, stream: StreamName = None) -> None:
    """Rebuild the landed rows of one day from the stored response bytes, without network."""
    settings = settings_or_refuse()
    from pipelines.runs import instance, run_job

    _known(vendors(), vendor, stream)
    config = {"ops": {"replay_day": {"config": {"vendor": vendor or "", "stream": stream or ""}}}}
    report = run_job(instance(), "replay", chosen := _day(day), config=config)
    if not report.failures:
        out.print(f"{chosen}: rows rebuilt from the stored answers under {settings.raw}, identical")
    _exit_with([failure.sentence for failure in report.failures])


@app.command()
def rebuild(as_known: AsKnown = None, to: To = None) -> None:
    """Delete the warehouse file and build it again from raw, reference and register.

    With --as-known and --to another file is written, with what was known at that instant.
    """
    settings = settings_or_refuse()
    if as_known or to:
        rebuild_as_known(settings, as_known, to)
        return
    from pipelines.nights import yesterday
    from pipelines.runs import instance, run_job

    report = run_job(instance(), "rebuild", yesterday())
    if not report.failures:
        out.print(f"rebuilt {settings.warehouse}")
    _exit_with([failure.sentence for failure in report.failures])


@app.command()
def doctor() -> None:
    """Check the configuration, and each vendor's credentials and reachability."""
    from pipelines.doctor import examine

    findings = list(examine(settings_or_refuse()))
    for finding in findings:
        out.print(finding.line, highlight=False)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)


@app.command()
def query(sql: Annotated[str, typer.Argument(help="One SQL statement in DuckDB's dialect.")]) -> None:
    """Run SQL on the published warehouse, read-only; a table on a terminal, CSV in a pipe."""
    from pipelines.printing import print_query
    from warehouse.query import QueryRefused

    try:
        print_query(settings_or_refuse().warehouse, sql, out)
    except QueryRefused as error:
        refuse(str(error))


@app.command()
def ui(port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000) -> None:
    """Start the Dagster webserver and daemon on 127.0.0.1; Ctrl-C stops both."""
    settings = settings_or_refuse()
    from pipelines.stand_in import SandboxFailed
    from pipelines.ui import serve_ui

    try:
        status = serve_ui(settings, port, out)
    except SandboxFailed as error:
        refuse(str(error), status=1)
    raise typer.Exit(status)


def main() -> None:
    """Entry point. Relative paths, of the configuration and of Dagster's storage, hang on the root."""
    os.chdir(PROJECT)
    app()


def _known(among: Mapping[str, Vendor], vendor: str | None, stream: str | None) -> list[Stream]:
    """The streams meant by --vendor and --stream, of configured vendors or not."""
    if vendor is not None and vendor not in among:
        refuse(f"--vendor is {vendor!r}; there are {', '.join(among)}")
    known = [one for each in among.values() if vendor in (None, each.name) for one in each.streams]
    chosen = [one for one in known if stream in (None, one.name)]
    if not chosen:
        whose = vendor or "any vendor"
        there_are = ", ".join(one.id for one in known)
        refuse(f"--stream is {stream!r}, no stream of {whose}; there are {there_are}")
    return chosen


def _active(settings: Settings, vendor: str | None, stream: str | None) -> list[Stream]:
    """As `_known`, without those of vendors that are not configured."""
    asked = {name: known for name, known in vendors().items() if known.asked}
    chosen = [one for one in _known(asked, vendor, stream) if settings.connections[one.vendor]]
    if not chosen:
        names = vendor or " or ".join(asked)
        refuse(f"{names} is not configured: set the variables in .env (see README.md), or try `make run`")
    return chosen


def _day(text: str | None) -> date:
    from pipelines.nights import yesterday

    if text is None:
        return yesterday()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        refuse(f"--date is {text!r}, not a date; for example 2026-10-31")
    from pipelines.partitions import FIRST_DAY

    if not date.fromisoformat(FIRST_DAY) <= day <= yesterday():
        refuse(f"--date {day} is not a day between {FIRST_DAY} and yesterday, {yesterday()}")
    return day


def _exit_with(failures: list[str]) -> NoReturn:
    for line in failures:
        err.print(line, style="red", highlight=False)
    raise typer.Exit(1 if failures else 0)


if __name__ == "__main__":
    main()
