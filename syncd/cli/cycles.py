"""The commands that run cycles: the daemon, once, dry, plan and apply, and check."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import abc
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import structlog
from rich.console import Console

from syncd.assembly import (
    build_engine,
    build_vendors,
    instance_lock,
    open_ledger,
    real_surroundings,
)
from syncd.cli.failing import EXIT_PARTLY, WrongUse
from syncd.cli.output import ReportFormat, check_target, show, write
from syncd.config import Configuration
from syncd.daemon import Daemon, once
from syncd.engine.cycle import Engine
from syncd.engine.result import CycleResult
from syncd.model.errors import SyncdError
from syncd.report import document
from syncd.report.as_json import SCHEMA
from syncd.report.as_text import lines_of

log = structlog.get_logger(__name__)

PLAN_SCHEMA = "syncd.plan/1"

T = TypeVar("T")


def run_once(configuration: Configuration, *, dry_run: bool, form: ReportFormat, output: Path | None) -> int:
    """One cycle and its report; returns the exit code."""
    check_target(output)
    result = _cycle(configuration, dry_run=dry_run)
    show(result, form, output)
    return result.exit_code


def run_daemon(configuration: Configuration) -> int:
    """Cycles until SIGTERM or SIGINT; returns 0 then."""

    async def serve(engine: Engine) -> int:
        if configuration.listen is not None:
            log.warning("http_not_served", listen=f"{configuration.listen.host}:{configuration.listen.port}")
        await Daemon(engine, configuration.sync.interval).run()
        return 0

    return _with_engine(configuration, serve, dry_run=False, quiet=True)


def save_plan(configuration: Configuration, out: Path, form: ReportFormat, output: Path | None) -> int:
    """A dry run whose operations are saved; returns the exit code."""
    check_target(out)
    check_target(output)
    result = _cycle(configuration, dry_run=True)
    saved = {"schema": PLAN_SCHEMA, "report": document(result)}
    write(json.dumps(saved, ensure_ascii=False, indent=2) + "\n", out)
    show(result, form, output)
    return result.exit_code


def apply_plan(configuration: Configuration, plan: Path, form: ReportFormat, output: Path | None) -> int:
    """Carry out exactly the operations of a saved plan; returns the exit code."""
    check_target(output)
    saved = _read_plan(plan)
    wanted = {entry["id"]: entry for entry in saved["operations"] if entry["outcome"] == "planned"}
    result = _cycle(configuration, only=frozenset(wanted))
    report = _with_refused(document(result), [wanted[key] for key in sorted(result.refused)])
    match form:
        case ReportFormat.JSON:
            write(json.dumps(report, ensure_ascii=False, indent=2) + "\n", output)
        case ReportFormat.TEXT:
            write(lines_of(report), output)
        case ReportFormat.HTML:
            show(result, form, output)
    return result.exit_code


def check(configuration: Configuration) -> int:
    """Ask every vendor for something small; print one line each; returns the exit code."""

    async def ask() -> int:
        vendors = build_vendors(configuration, real_surroundings(configuration))
        bad = False
        try:
            for name, vendor in vendors.items():
                try:
                    doubts = await vendor.check()
                except SyncdError as error:
                    print(f"{name} ({vendor.kind}): {error}")
                    bad = True
                    continue
                print(f"{name} ({vendor.kind}): {'reachable, credentials accepted' if not doubts else 'in doubt'}")
                for doubt in doubts:
                    print(f"  {doubt}")
                bad = bad or bool(doubts)
        finally:
            for vendor in vendors.values():
                await vendor.aclose()
        return EXIT_PARTLY if bad else 0

    open_ledger(configuration, readonly=True).store.close()
    return asyncio.run(ask())


def _cycle(configuration: Configuration, **options: Any) -> CycleResult:
    async def run(engine: Engine) -> CycleResult:
        return await once(engine, **options)

    return _with_engine(configuration, run, dry_run=bool(options.get("dry_run")))


def _with_engine(
    configuration: Configuration,
    use: abc.Callable[[Engine], abc.Coroutine[Any, Any, T]],
    *,
    dry_run: bool,
    quiet: bool = False,
) -> T:
    """Open everything, run, close everything. A dry run needs no lock: it writes nothing."""

    async def run() -> T:
        surroundings = real_surroundings(configuration)
        vendors = build_vendors(configuration, surroundings)
        try:
            with _progress(quiet) as progress:
                engine = build_engine(configuration, ledger, vendors, surroundings, progress=progress)
                return await use(engine)
        finally:
            for vendor in vendors.values():
                await vendor.aclose()

    with nullcontext() if dry_run else instance_lock(configuration):
        ledger = open_ledger(configuration, readonly=dry_run)
        try:
            return asyncio.run(run())
        finally:
            ledger.store.close()


@contextmanager
def _progress(quiet: bool) -> abc.Iterator[abc.Callable[[str], None] | None]:
    """A line on the terminal that says how far a long run is; nothing where standard error is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    with Console(stderr=True).status("starting") as status:
        yield lambda sentence: status.update(sentence)


def _with_refused(report: dict[str, Any], refused: list[dict[str, Any]]) -> dict[str, Any]:
    said = "its records moved since the plan was made, or it was done already"
    report["operations"] += [{**entry, "outcome": "stale", "error": said} for entry in refused]
    return report


def _read_plan(path: Path) -> dict[str, Any]:
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUse(f"cannot read the plan {path}: {error.strerror}") from None
    except ValueError:
        raise WrongUse(f"{path} is no saved plan: it is not JSON; make one with 'syncd plan --out {path}'") from None
    inner = saved.get("report") if isinstance(saved, dict) and saved.get("schema") == PLAN_SCHEMA else None
    if not isinstance(inner, dict) or inner.get("schema") != SCHEMA:
        raise WrongUse(f"{path} is no plan that this version can carry out; make one with 'syncd plan --out {path}'")
    return inner
