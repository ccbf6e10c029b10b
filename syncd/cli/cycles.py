"""The commands that run cycles: the daemon, once, dry, plan and apply, and check."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import abc
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

import typer

from syncd import report
from syncd.assembly import build_vendors, instance_lock, open_ledger, real_surroundings, state_file
from syncd.cli import stopping
from syncd.cli.ending import EXIT_PARTLY
from syncd.cli.failing import WrongUse, told
from syncd.cli.options import ReportFormat, Setting
from syncd.cli.output import STANDARD_OUTPUT, check_target, show, written
from syncd.cli.setting import load
from syncd.cli.works import Works
from syncd.config import Configuration
from syncd.daemon import Daemon, Work, once
from syncd.engine.result import CycleResult
from syncd.logs.lean import structlog
from syncd.model.errors import SyncdError
from syncd.model.plan import Action, Outcome
from syncd.report.as_json import SCHEMA
from syncd.vendors.port import Vendor

if TYPE_CHECKING:
    from rich.console import Console

log = structlog.get_logger(__name__)

PLAN_SCHEMA = "syncd.plan/1"
_REFUSED = "its records moved since the plan was made, or it was done or put in quarantine already"
_ENTRY: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "vendor": str,
    "action": str,
    "appointment": str,
    "remote_id": (str, type(None)),
    "summary": str,
    "changes": dict,
    "reason": str,
    "outcome": str,
    "error": (str, type(None)),
}

T = TypeVar("T")


@told
def run_once(setting: Setting, *, dry_run: bool, form: ReportFormat, output: Path | None) -> int:
    """One cycle and its report; returns the exit code."""
    configuration = load(setting)
    check_target(output, _own_files(configuration))
    return show(_cycle(configuration, form, dry_run=dry_run), form, output)


@told
def run_daemon(setting: Setting) -> int:
    """Cycles until SIGTERM, SIGINT or SIGQUIT; returns 0 then. A SIGHUP reads the configuration anew."""
    configuration = load(setting)

    async def serve(works: Works) -> int:
        first = await works.begin(configuration, lasting=True)
        _warn(configuration)
        await Daemon(*first, reload=lambda: _reloaded(works, setting)).run()
        return 0

    try:
        return with_works(configuration, serve, dry_run=False, quiet=True)
    except KeyboardInterrupt:
        return 0


async def _reloaded(works: Works, setting: Setting) -> Work | None:
    """What the configuration asks for now; None, and the reason is said, where it is wrong or needs a new start."""
    try:
        work = await works.change(load(setting))
    except (SyncdError, OSError) as error:
        for line in str(error).splitlines():
            log.error("configuration_refused", problem=line, instead="the configuration as it was read before goes on")
        return None
    _warn(works.configuration)
    return work


def _warn(configuration: Configuration) -> None:
    if configuration.listen is not None:
        log.warning("http_not_served", listen=f"{configuration.listen.host}:{configuration.listen.port}")


@told
def save_plan(setting: Setting, out: Path, form: ReportFormat, output: Path | None) -> int:
    """A dry run whose operations are saved; returns the exit code."""
    configuration = load(setting)
    if out == STANDARD_OUTPUT:
        raise WrongUse("--out needs a file: standard output carries the report")
    check_target(out, _own_files(configuration))
    check_target(output, (*_own_files(configuration), out))
    result = _cycle(configuration, form, dry_run=True)
    saved = report.json_of({"schema": PLAN_SCHEMA, "report": report.document(result)})
    written(saved, result.exit_code, out, ReportFormat.JSON)
    return show(result, form, output)


@told
def apply_plan(setting: Setting, plan: Path, form: ReportFormat, output: Path | None) -> int:
    """Carry out exactly the operations of a saved plan; returns the exit code."""
    configuration = load(setting)
    check_target(output, (*_own_files(configuration), plan))
    wanted = {entry["id"]: entry for entry in _read_plan(plan) if entry["outcome"] == "planned"}
    chosen = {key: (entry["appointment"], entry["vendor"]) for key, entry in wanted.items()}
    result = _cycle(configuration, form, only=chosen)
    refused = [{**wanted[key], "outcome": "stale", "error": _REFUSED} for key in sorted(result.refused)]
    match form:
        case ReportFormat.JSON:
            text = report.json_of(_with(refused, report.document(result)))
        case ReportFormat.TEXT:
            text = report.lines_of(_with(refused, report.detailed(result)))
        case ReportFormat.HTML:
            text = report.page_of(_with(refused, report.detailed(result)))
        case _:
            assert_never(form)
    return written(text, result.exit_code, output, form)


@told
def check(setting: Setting) -> int:
    """Ask every vendor for something small; print one line each; returns the exit code."""
    configuration = load(setting)

    async def ask() -> list[tuple[list[str], list[str]]]:
        vendors = build_vendors(configuration, real_surroundings(configuration))
        try:
            return await asyncio.gather(*(_doubts(vendor) for vendor in vendors.values()))
        finally:
            for vendor in vendors.values():
                await vendor.aclose()

    open_ledger(configuration, readonly=True).close()
    found = asyncio.run(ask())
    for vendor, (doubts, remarks) in zip(configuration.vendors, found, strict=True):
        typer.echo(f"{vendor.name} ({vendor.kind.name}): {'in doubt' if doubts else 'reachable, credentials accepted'}")
        for sentence in (*doubts, *remarks):
            typer.echo(report.one_line(f"  {sentence}"))
    for sentence in configuration.remarks:
        typer.echo(sentence)
    return EXIT_PARTLY if any(doubts for doubts, _ in found) else 0


async def _doubts(vendor: Vendor) -> tuple[list[str], list[str]]:
    """What is doubtful of a vendor, and what else is worth knowing of it."""
    try:
        doubts = list(await vendor.check())
    except SyncdError as error:
        doubts = [str(error)]
    notices = [one for one in vendor.notices() if one.text not in doubts]
    return doubts, [line for one in notices for line in (one.text, *(f"  {row}" for row in one.paste))]


def _own_files(configuration: Configuration) -> tuple[Path, ...]:
    """What a report must not replace."""
    store = state_file(configuration).resolve()
    beside = (store.with_name(f"{store.name}{end}") for end in ("-wal", "-shm", "-journal", ".lock"))
    return configuration.path, *configuration.files, store, *beside


def _cycle(configuration: Configuration, form: ReportFormat, **options: Any) -> CycleResult:
    async def run(works: Works) -> CycleResult:
        return await once((await works.begin(configuration)).engine, after=stopping.remember, **options)

    result = with_works(configuration, run, dry_run=bool(options.get("dry_run")))
    if form is ReportFormat.JSON:  # whose schema has no field for it, though the exit code may be 3 for nothing else
        for sentence in result.waiting:
            log.warning("put_off", cycle=result.id, what=sentence)
    return result


def with_works(
    configuration: Configuration,
    use: abc.Callable[[Works], abc.Coroutine[Any, Any, T]],
    *,
    dry_run: bool,
    quiet: bool = False,
) -> T:
    """Open everything, run, close everything. A dry run needs no lock: it has a copy of the store."""

    async def run() -> T:
        with progressing as progress:
            works = Works(ledger, progress)
            try:
                return await use(works)
            finally:
                await works.end()

    progressing = _progress(quiet)
    stopping.heed()  # until the loop takes the signals over
    with nullcontext() if dry_run else instance_lock(configuration):
        ledger = open_ledger(configuration, readonly=dry_run)
        try:
            return asyncio.run(run())
        finally:
            ledger.close()


def _progress(quiet: bool) -> AbstractContextManager[abc.Callable[[str], None] | None]:
    """A line on the terminal that says how far a long run is; nothing where standard error is no terminal."""
    if quiet or not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return _status(Console(stderr=True))


@contextmanager
def _status(console: Console) -> abc.Iterator[abc.Callable[[str], None]]:
    with console.status("starting") as status:
        yield status.update


def _with(refused: list[dict[str, Any]], shown: dict[str, Any]) -> dict[str, Any]:
    return {**shown, "operations": [*shown["operations"], *refused]}


def _read_plan(path: Path) -> list[dict[str, Any]]:
    """The operations of a saved plan. Raises WrongUse for a file that is none, or that was damaged."""
    again = "make one with 'syncd plan --out FILE'"
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(f"cannot read the plan {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise WrongUse(f"{path} is no saved plan: it is not JSON; {again}") from None
    inner = saved.get("report") if isinstance(saved, dict) and saved.get("schema") == PLAN_SCHEMA else None
    if not isinstance(inner, dict) or inner.get("schema") != SCHEMA:
        raise WrongUse(f"{path} is no plan that this version can carry out; {again}")
    operations = inner.get("operations")
    if not isinstance(operations, list) or not all(_is_operation(entry) for entry in operations):
        raise WrongUse(f"{path} is a damaged plan; {again}")
    return operations


def _is_operation(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and entry.keys() == _ENTRY.keys()
        and all(isinstance(entry[key], kind) for key, kind in _ENTRY.items())
        and entry["action"] in set(Action)
        and entry["outcome"] in set(Outcome)
        and all(isinstance(pair, list) and len(pair) == 2 for pair in entry["changes"].values())
    )
