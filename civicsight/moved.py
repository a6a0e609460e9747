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
        "city.raised": "io.assemble",
        "city.fit": "io.datum_fit",
        "city.said": "io.source_options",
        "city.apart.drivers": "io.apart.fence",
        "city.apart.memory": "io.apart.outcome",
        "city.apart.readers": "io.reader_registry",
        "city.apart.refusals": "io.apart.outcome",
        "city.apart.returned": "io.apart.outcome",
        "city.apart.windows": "io.apart.fence",
        "city.apart.wire": "io.apart.codec",
        "city.catalogue.codes": "io.catalogue.fields",
        "city.catalogue.faults": "io.catalogue.messages",
        "city.catalogue.words_ids": "io.catalogue.words",
        "city.catalogue.words_secrets": "io.catalogue.words",
        "city.citymodels.prisms": "io.citymodels.model",
        "city.citymodels.systems": "io.citymodels.model",
        "city.edited": "io.project_layers",
        "city.edits.labels": "io.edits.values",
        "city.edits.lists": "io.edits.values",
        "city.edits.shapes": "io.edits.model",
        "city.osm.buildings": "io.osm.obstacles",
        "city.osm.trees": "io.osm.obstacles",
        "city.project_versions": "io.project_layers",
        "city.rasters.ascii_grid": "io.rasters.files",
        "city.rasters.canopy": "io.rasters.objects",
        "city.rasters.footprint_heights": "io.rasters.objects",
        "city.rasters.holes": "io.rasters.terrain",
        "city.rasters.joining": "io.rasters.las_header",
        "city.rasters.pieces": "io.rasters.cells",
        "city.rasters.units": "io.rasters.files",
        "city.refusal": "core.errors",
        "city.registers.cells": "io.registers.classes",
        "city.registers.districts": "io.registers.read",
        "city.registers.headers_funds": "io.registers.headers",
        "city.registers.headers_measured": "io.registers.headers",
        "city.registers.headers_papers": "io.registers.headers",
        "city.registers.headers_prices": "io.registers.headers",
        "city.registers.headers_proposals": "io.registers.headers",
        "city.registers.headers_trees": "io.registers.headers",
        "city.registers.papers": "io.registers.planning",
        "city.registers.proposals": "io.registers.planning",
        "city.registers.trees": "io.registers.obstacles",
        "city.registers.words_amap": "io.registers.words",
        "city.registers.words_cells": "io.registers.words",
        "city.registers.words_kinds": "io.registers.words",
        "city.tables.biff": "io.tables.xls",
        "city.tables.comments": "io.tables.workbook",
        "city.tables.compound": "io.tables.xls",
        "city.tables.counts": "io.tables.camera_poles",
        "city.tables.degrees": "io.tables.quantities",
        "city.tables.delimited": "io.tables.text_files",
        "city.tables.distance": "io.nearness",
        "city.tables.doubts": "io.tables.camera_checks",
        "city.tables.encoding": "io.tables.text_files",
        "city.tables.example": "io.tables.inventory",
        "city.tables.explanation": "io.tables.grid",
        "city.tables.form": "io.tables.source_schema",
        "city.tables.headers_records": "io.tables.synonyms",
        "city.tables.heads": "io.tables.camera_checks",
        "city.tables.looks": "io.tables.workbook",
        "city.tables.mapping": "io.tables.column_matching",
        "city.tables.notation": "io.tables.cells",
        "city.tables.old_workbook": "io.tables.other_workbooks",
        "city.tables.opendocument": "io.tables.other_workbooks",
        "city.tables.pictures": "io.tables.camera_checks",
        "city.tables.suggesting": "io.tables.source_schema",
        "city.tables.words_access": "io.tables.words",
        "city.tables.words_addresses": "io.tables.words",
        "city.tables.words_pages": "io.tables.words",
        "city.tables.words_places": "io.tables.words",
        "city.tables.words_values": "io.tables.synonyms",
        "city.vectors.columns": "io.vectors.attributes",
        "city.vectors.coordinates": "io.vectors.shapes",
        "city.vectors.heights": "io.vectors.attributes",
        "city.vectors.overlaps": "io.vectors.buildings",
        "city.vectors.parquet_size": "io.vectors.parquet",
        "city.vectors.shapefile_lengths": "io.vectors.native",
        "city.vectors.words": "io.tables.words",
        "city.zones": "io.crs",
        "schema.candidates": "model.plan_tables",
        "schema.measured": "model.plan_tables",
        "schema.measures": "model.plan_tables",
        "schema.proposals": "model.plan_tables",
        "schema.standing": "model.city",
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
        "planning.duplicates.tally": "planning.duplicates.what_if",
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
        "report.elsewhere": "report.licence",
        "maps.thin": "maps.quality_map",
        "maps.solid": "maps.scene_3d",
        "maps.solid_words": "maps.legend",
        "maps.words": "presentation.lexicon",
        "maps.describe": "presentation.names",
        "maps.style": "presentation.symbols",
        "maps.safe": "presentation.html_safe",
        "maps.evidence": "presentation.evidence",
        "report.numbers": "presentation.numbers",
        "report.columns": "presentation.columns",
        "report.codes": "presentation.codes",
        "report.compliance.suppress": "report.compliance.public",
        "report.compliance.words": "report.compliance.speech",
        "report.compliance.layers": "report.compliance.volumes",
        "report.compliance.questions": "report.compliance.annex",
        "report.compliance.picture": "report.compliance.places",
        "report.compliance.sheets": "report.compliance.drawings",
        "report.compliance.strips": "report.compliance.drawings",
        "report.compliance.pdf": "report.pdf",
        "report.plan.telling": "report.plan.told",
        "report.plan.questions": "report.plan.endings",
        "report.plan.trials": "report.plan.endings",
        "report.plan.maps": "report.plan.figures",
        "report.plan.curves": "report.plan.figures",
        "report.plan.layers": "report.plan.told",
        "report.plan.bundle": "report.plan.papers",
        "report.plan.page": "report.html",
        "report.shell": "report.html",
        "report.plan.story": "report.plan.teller",
        "report.plan.words": "report.plan.teller",
        "report.plan.measures": "report.plan.teller",
        "report.plan.docx": "report.docx",
        "report.plan.canvas": "presentation.drawing",
        "report.drawing": "presentation.drawing",
        "report.signs": "presentation.drawing",
        "report.quality.geopackage": "report.quality.quality_files",
        "report.quality.tables": "report.quality.quality_files",
        "report.quality.basis": "report.quality.cells",
        "report.quality.fields": "report.quality.cells",
        "report.quality.measure": "report.quality.limits",
        "report.quality.words": "report.quality.fitness",
        "report.permits.tables": "report.permit_files",
        "report.permits.brief": "report.permit_files",
        "report.permits.picture": "report.permit_page",
        "report.jurisdiction": "report.licence",
        "report.districts": "report.listing",
        "report.qml": "report.geopackage",
        "report.advice": "report.brief",
        "report.bundle": "report.check_files",
        "report.page": "report.check_page",
        "report.quality.bundle": "report.quality.quality_files",
        "report.quality.page": "report.quality.quality_page",
        "report.quality.model": "report.quality.fitness",
        "report.permits.bundle": "report.permit_files",
        "report.permits.page": "report.permit_page",
        "report.permits.words": "report.permit_words",
        "report.compliance.bundle": "report.compliance.volumes",
        "report.compliance.page": "report.compliance.volumes",
        "maps.traces": "maps.shapes",
        "maps.views": "maps.shapes",
        "maps.mvt": "maps.vectortiles",
        "maps.frusta": "maps.prisms",
        "maps.scene_3d_words": "maps.legend",
        "report.compliance.exports": "report.compliance.account",
        "report.compliance.volume_pages": "report.compliance.volumes",
        "report.permits": "report.permit_files",
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
