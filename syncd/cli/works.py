"""What a run works with: the engine of a configuration and the connections of its vendors, and other ones later on.

The state store and the limits of the vendors' hosts stay the same, whatever the configuration becomes.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace

from syncd.assembly import build_engine, build_vendors, real_surroundings
from syncd.config import Configuration, ConfigurationError
from syncd.daemon import Work
from syncd.engine.read.stragglers import Stragglers
from syncd.engine.store.ledger import Ledger
from syncd.logs.lean import structlog
from syncd.vendors.port import Vendor
from syncd.vendors.transport import Limits

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Works:
    """Engines over one open ledger, one after another; for use within a running loop."""

    ledger: Ledger
    progress: abc.Callable[[str], None] | None = None
    limits: Limits = field(default_factory=Limits)
    vendors: abc.Mapping[str, Vendor] = field(default_factory=dict)
    _configuration: Configuration | None = None

    @property
    def configuration(self) -> Configuration:
        """The configuration that holds now."""
        if self._configuration is None:
            raise AssertionError("it is asked for before there is one")
        return self._configuration

    async def begin(self, configuration: Configuration, *, lasting: bool = False) -> Work:
        """The work that a configuration asks for. Of secrets that others may read it warns once, until they change.

        `lasting`: cycles follow each other, so that a slow listing may go on beside them.
        """
        surroundings = replace(real_surroundings(configuration), limits=self.limits)
        vendors = build_vendors(configuration, surroundings)
        engine = build_engine(configuration, self.ledger, vendors, surroundings, progress=self.progress)
        if lasting:
            budgets = {one.name: one.settings.listing.time.total_seconds() for one in configuration.vendors}
            engine.stragglers = Stragglers(budgets, surroundings.seconds)
        self.vendors, self._configuration = vendors, configuration
        exposed = configuration.exposed
        if await self.ledger.is_new("exposed", exposed.sign if exposed else "") and exposed:
            log.warning("secrets_exposed", problem=exposed.sentence)
        return Work(engine, configuration.sync.interval)

    async def change(self, configuration: Configuration) -> Work:
        """The same in place of the work so far, which is at rest. Raises ConfigurationError for another store."""
        if configuration.state_url != self.configuration.state_url:
            raise ConfigurationError([f"{configuration.path}: state.url: another store takes a restart"])
        before = self.vendors
        work = await self.begin(configuration, lasting=True)
        for vendor in before.values():
            await vendor.aclose()
        return work

    async def end(self) -> None:
        """Close what is open."""
        for vendor in self.vendors.values():
            await vendor.aclose()
