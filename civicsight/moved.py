"""Modules that moved, found under their old names for one release with a warning that says so.

A finder that is asked first and answers for old names alone: in a folder that was brought up to
date an old room may be left with nothing but bytecode, and would be found empty. The old module
hands on what it is asked for, so that both names give the same functions and classes.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import MappingProxyType, ModuleType
from typing import Final

PACKAGE: Final = __name__.partition(".")[0]

MOVED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "errors": "core.errors",
        "i18n": "core.i18n",
        "settings": "core.settings",
        "progress": "core.progress",
        "table": "core.table",
        "values": "core.values",
        "words": "core.words",
        "bounded": "core.bounded",
        "atomic": "core.atomic",
        "child": "core.child",
        "schema": "model",
        "provenance": "model.provenance",
        "formats": "model.format_versions",
        "terrain": "model.terrain",
        "migrations": "store.migrations",
        "packs": "io.packs",
        "sound": "scene.validation",
        "walls": "scene.segments",
        "city": "io",
        "city.declared": "io.source_options",
        "city.telling": "io.fault_text",
        "city.kinds": "io.reader_registry",
        "city.tables.asides": "io.tables.non_data_rows",
        "city.tables.understanding": "io.tables.column_matching",
        "city.rasters.raised": "io.rasters.ndsm",
        "city.raised": "io.city_on_rasters",
        "city.fit": "io.datum_fit",
        "city.said": "io.stated_datums",
        "coverage.pose.heads": "coverage.pose.sensor_views",
        "coverage.pose.readings": "coverage.pose.confidence_levels",
        "coverage.demand.samples": "coverage.demand.demand_points",
        "coverage._kernels.deposit": "coverage._kernels.accumulate",
        "coverage.privacy.deposit": "coverage.privacy.accumulate",
        "coverage._kernels.single": "coverage._kernels.cell_tests",
        "coverage.privacy.veil": "coverage.privacy.apply_masks",
        "coverage.privacy.clear": "coverage.privacy.remediation",
        "planning.clearing": "planning.remediation",
        "coverage.findings.team": "coverage.findings.camera_set",
        "planning.duplicates.fleet": "planning.duplicates.camera_set",
        "planning.duplicates.tally": "planning.duplicates.incremental_cover",
        "planning.duplicates.disturb": "planning.duplicates.sensitivity",
        "planning.solver.core": "planning.solver.search",
        "planning.solver.thrift": "planning.solver.budget_search",
        "planning.solver.patches": "planning.solver.neighbourhood_search",
        "planning.curve": "planning.cost_coverage_curve",
        "store.deeds": "store.transactions",
        "store.acts": "store.workflow",
        "ui.services.acts": "ui.services.workflow",
        "ui.services.parting": "ui.services.coverage_difference",
        "ui.services.commands": "editing.commands",
        "ui.services.draft": "editing.draft",
        "ui.services.wire": "editing.codec",
        "ui.services.session": "editing.session",
        "ui.services.refusals": "editing.refusals",
        "ui.services.bench": "editing.edit_context",
        "ui.services.closing": "editing.gap_changes",
        "ui.services.preview": "editing.preview",
        "ui.services.telling": "editing.sentences",
        "ui.services.cache": "core.cache",
        "ui.services.kept": "editing.result_file",
        "ui.services.project": "editing.project",
        "ui.editor.desk": "ui.editor.state",
        "report.elsewhere": "report.jurisdiction",
        "maps.thin": "maps.quality_map",
        "maps.solid": "maps.scene_3d",
        "maps.solid_words": "maps.scene_3d_words",
        "maps.words": "presentation.lexicon",
        "maps.describe": "presentation.names",
        "maps.style": "presentation.symbols",
        "maps.safe": "presentation.html_safe",
        "maps.evidence": "presentation.evidence",
        "report.numbers": "presentation.numbers",
        "report.columns": "presentation.columns",
        "report.codes": "presentation.codes",
    }
)
"""New names by old ones, without that of the package; what lies below a room moved with it."""


def new_name(name: str) -> str | None:
    """Return where a module of the package is now, None if it did not move.

    >>> new_name("civicsight.city.crs")
    'civicsight.io.crs'
    """
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return None
    for length in range(len(parts), 1, -1):
        found = MOVED.get(".".join(parts[1:length]))
        if found is not None:
            return ".".join((PACKAGE, found, *parts[length:]))
    return None


class _Mover(MetaPathFinder, Loader):
    """Finds a module under its old name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what loads it; None if nothing of that name was moved."""
        del path, target
        if new_name(fullname) is None:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        """Let the old module hand on whatever it is asked for."""
        moved = new_name(module.__name__) or module.__name__
        message = f"{module.__name__} is called {moved} now; the next release forgets the old name"
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        found = import_module(moved)
        vars(module).update({"__doc__": found.__doc__, "__getattr__": found.__getattribute__})


def watch() -> None:
    """Begin to find modules under their old names."""
    if not any(isinstance(finder, _Mover) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Mover())
