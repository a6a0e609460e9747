"""The commands by name: what each does is known before it is called, and imported only then."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Final

from civicsight.cli.command_rows import Listed
from civicsight.core.errors import N_, Text
from civicsight.core.extensions import added
from civicsight.core.i18n import LANGUAGES

PROGRAM: Final = N_(
    "What a city's public-safety cameras really see, compared with what the law demands. "
    "Every command takes --lang with one of %(languages)s.",
    languages=", ".join(LANGUAGES),
)


OWN_COMMANDS: Final = (
    Listed(
        "demo",
        "civicsight.cli.commands:demo",
        N_("Work on two cities that need no download, and say what was found."),
    ),
    Listed(
        "fetch",
        "civicsight.cli.commands:fetch",
        N_("Download a city from OpenStreetMap and save it as a project."),
    ),
    Listed(
        "check",
        "civicsight.cli.commands:check",
        N_(
            "Find what the cameras cover and repeat of what the law demands, and write page, "
            "tables, layers and rasters."
        ),
    ),
    Listed(
        "coverage",
        "civicsight.cli.commands:coverage",
        N_("Compute what the cameras see on the ground, as rasters and nothing else."),
    ),
    Listed(
        "export",
        "civicsight.cli.commands:export",
        N_("Check a city and write one file: .gpkg, .xlsx, .html or .json by its name."),
    ),
    Listed(
        "import",
        "civicsight.cli.importing:import_",
        N_(
            "Read a city, an inventory or a register, say what was understood, mended and "
            "rejected, and save it as a project."
        ),
    ),
    Listed(
        "template",
        "civicsight.cli.writing:template",
        N_("Write empty tables to fill in, explained in every language, each with an example row."),
    ),
    Listed(
        "quality",
        "civicsight.cli.writing:quality",
        N_(
            "Say on one page and in one table how good the data of a city are, where they are "
            "thin, and what that caps."
        ),
    ),
    Listed(
        "catalogue",
        "civicsight.cli.writing:catalogue",
        N_("Write the cameras of a city as a catalogue of GB/T 28181-2022, without secrets."),
    ),
    Listed(
        "obstruct",
        "civicsight.cli.obstructing:obstruct",
        N_(
            "Say what a proposed billboard, tree, pipeline, building or structure takes from the "
            "cameras that stand, and write a permit sheet for each."
        ),
    ),
    Listed(
        "specify",
        "civicsight.cli.works:specify",
        N_(
            "Write what planned cameras have to deliver: pixels, angles, light, interface; no "
            "maker and no model."
        ),
    ),
    Listed(
        "accept",
        "civicsight.cli.works:accept",
        N_(
            "Compare what was built with what was planned, camera by camera, and compute the "
            "coverage as built; with --of-plan against a version of a plan."
        ),
    ),
    Listed(
        "inventory reconcile",
        "civicsight.cli.inventories:reconcile",
        N_(
            "Hold a new list of cameras against the register of a project: new, missing, moved, "
            "renumbered, stated otherwise; settle each, and keep who settled it, when and why."
        ),
    ),
    Listed(
        "survey out",
        "civicsight.cli.surveys:out_",
        N_(
            "List what has to be looked at on site, street by street as a walk: a workbook to fill "
            "in, stops for map programs, a sheet to print."
        ),
    ),
    Listed(
        "survey in",
        "civicsight.cli.surveys:in_",
        N_(
            "Put what a survey found in place of what was assumed, with day and name; planned "
            "points that cannot be built go out."
        ),
    ),
    Listed(
        "prepare",
        "civicsight.cli.preparing:prepare",
        N_("Compile every kernel now, once on this machine, so that no later run waits for it."),
    ),
    Listed(
        "migrate",
        "civicsight.cli.migrating:migrate",
        N_("Bring a project or a file of plans of an earlier format up to date, after a backup."),
    ),
    Listed(
        "gates ask",
        "civicsight.cli.gates:ask",
        N_(
            "List the gates that nobody has confirmed as a table to fill in, that first which "
            "would settle most."
        ),
    ),
    Listed(
        "gates answer",
        "civicsight.cli.gates:answer",
        N_(
            "Take the list of gates back as it was filled in, show what changes, and save it "
            "once that is accepted."
        ),
    ),
    Listed(
        "gates register",
        "civicsight.cli.gates:register",
        N_("Write the confirmed gates as a register of entrances for another project."),
    ),
    Listed(
        "privacy",
        "civicsight.cli.private:privacy",
        N_(
            "List the cameras that could look into private places, with the smallest change that "
            "clears each, a mask, and what both cost."
        ),
    ),
    Listed(
        "report",
        "civicsight.cli.reporting:report",
        N_(
            "Judge every article by every rule, and write the compliance report: pages, PDF, "
            "tables and layers."
        ),
    ),
    Listed(
        "rules lint",
        "civicsight.cli.rules:lint",
        N_("Check packs, and name line and field of everything that is wrong."),
    ),
    Listed(
        "rules show",
        "civicsight.cli.rules:show",
        N_("Show what packs say, article by article and rule by rule."),
    ),
    Listed(
        "rules diff",
        "civicsight.cli.rules:diff",
        N_("Compare two packs, or one of yours with those that come with the program."),
    ),
    Listed(
        "plan candidates",
        "civicsight.cli.plans:candidates",
        N_(
            "List every permitted candidate with its cost, what the law excludes, and what "
            "nothing can cover."
        ),
    ),
    Listed(
        "plan optimise",
        "civicsight.cli.plans:optimise",
        N_(
            "Choose the measures: the cheapest plan, or the widest within a budget, with proof, "
            "ledger and phases; write its documents. Ctrl-C keeps the last valid plan."
        ),
    ),
    Listed(
        "plan options",
        "civicsight.cli.plan_options:options",
        N_(
            "Draw up three options (at least, recommended, everything), keep each, and compare "
            "them on one sheet."
        ),
    ),
    Listed(
        "plan frontier",
        "civicsight.cli.plan_frontier:frontier",
        N_(
            "Show what money buys: the curve of cost with its bounds, the plans of which none "
            "beats another, and what surviving a failure costs."
        ),
    ),
    Listed(
        "plan new",
        "civicsight.cli.plan_deciding:new",
        N_("Begin a plan in a project file, which is made if it is missing."),
    ),
    Listed(
        "plan submit",
        "civicsight.cli.plan_deciding:submit",
        N_("Open the joint review, or submit the plan once all opinions are in."),
    ),
    Listed(
        "plan opinion",
        "civicsight.cli.plan_deciding:opinion",
        N_("Record the opinion of a department on the latest version."),
    ),
    Listed(
        "plan consult",
        "civicsight.cli.plan_consulting:consult",
        N_(
            "Write for each department what it is asked about a plan: a workbook to fill in and a "
            "document, with what concerns it alone."
        ),
    ),
    Listed(
        "plan replies",
        "civicsight.cli.plan_consulting:replies",
        N_(
            "Take the workbooks of departments back: opinions in the joint review, and remarks on "
            "points in their name."
        ),
    ),
    Listed(
        "plan settle",
        "civicsight.cli.plan_consulting:settle",
        N_("Settle an opinion of a department: adopted, in part or not, with the reason."),
    ),
    Listed(
        "plan adoption",
        "civicsight.cli.plan_consulting:adoption",
        N_(
            "Write how the opinions of departments were adopted, and list who has not answered and "
            "what is not settled."
        ),
    ),
    Listed(
        "plan edition",
        "civicsight.cli.plan_consulting:edition",
        N_(
            "Write an edition of a plan by whom it is for: full (the whole text, for circulation), "
            "finance (money without places), works (poles and digging, for the city management), "
            "public (counts)."
        ),
    ),
    Listed(
        "plan handover",
        "civicsight.cli.handing_over:handover",
        N_(
            "Write the latest version of a plan with its project as a package for another "
            "installation, with the sheet that both sides sign."
        ),
    ),
    Listed(
        "plan takeover",
        "civicsight.cli.handing_over:takeover",
        N_(
            "Begin a project with a package that was handed over, or take one back: what either "
            "side changed, what both changed, and what was settled."
        ),
    ),
    Listed(
        "plan remark",
        "civicsight.cli.plan_remarks:remark",
        N_("Remark on a camera, a place or the plan, or answer a remark; files may be attached."),
    ),
    Listed(
        "plan remarks",
        "civicsight.cli.plan_remarks:remarks",
        N_("List the remarks on a plan as threads: who said what, and which are still open."),
    ),
    Listed(
        "plan file",
        "civicsight.cli.plan_remarks:take_file",
        N_("Write a file that a remark or an approval keeps."),
    ),
    Listed(
        "plan return",
        "civicsight.cli.plan_deciding:send_back",
        N_("Return a submitted plan with the reason."),
    ),
    Listed(
        "plan approve",
        "civicsight.cli.plan_deciding:approve",
        N_("Record the approval of one version: body, number, day and scan of its document."),
    ),
    Listed(
        "plan backup",
        "civicsight.cli.plan_deciding:backup",
        N_("Copy the project file to a dated backup, and verify the copy."),
    ),
    Listed(
        "plan copy",
        "civicsight.cli.plan_deciding:transfer",
        N_("Copy all plans into another file or database, and verify both."),
    ),
    Listed(
        "plan restore",
        "civicsight.cli.plan_deciding:restore",
        N_("Put a verified backup in the place of a project file; the old file is kept."),
    ),
    Listed(
        "plan audit",
        "civicsight.cli.plan_deciding:audit",
        N_("Verify the project file, and list who did what."),
    ),
    Listed(
        "plan duplicates",
        "civicsight.cli.plan_duplicates:duplicates",
        N_(
            "Judge every planned camera: what it adds, who replaces it, what need not be built, "
            "and how many cameras could go together."
        ),
    ),
    Listed(
        "plan ledger",
        "civicsight.cli.plan_reading:ledger",
        N_("List every measure with what it is for, what would do instead, what it saves."),
    ),
    Listed(
        "plan diff",
        "civicsight.cli.plan_reading:diff",
        N_("Compare two plans, or two versions of one."),
    ),
    Listed(
        "plan progress",
        "civicsight.cli.progressing:progress",
        N_(
            "Hold a month's report of the works against the plan: stages by district and "
            "contractor, what is late, what is to be filed."
        ),
    ),
    Listed(
        "plan fund",
        "civicsight.cli.funding:fund",
        N_(
            "Say who pays for what of a plan, by point or by rule: sums by source, year and "
            "district, the list of projects of each year, a lease beside building."
        ),
    ),
    Listed(
        "plan export",
        "civicsight.cli.plan_reading:export",
        N_("Write the documents of a kept plan: pages, DOCX, XLSX, map sheets, layers."),
    ),
    Listed(
        "plan years",
        "civicsight.cli.plan_reading:years",
        N_(
            "Say what a plan covers at the end of each year, among the buildings that stand in "
            "that year."
        ),
    ),
    Listed(
        "plan verify",
        "civicsight.cli.plan_verifying:verify",
        N_(
            "Compare every file of a plan with its own list and, with --root, that with the root; "
            "count coverage, cost and bound again; with --city also whether its inputs changed, "
            "and rows of its matrix by brute force."
        ),
    ),
    Listed(
        "store init",
        "civicsight.cli.stores:init",
        N_(
            "Set up a PostGIS database for plans with two roles: one that owns the tables, and one "
            "for planners and the app, who can neither switch a trigger off nor change an entry."
        ),
    ),
    Listed(
        "region import",
        "civicsight.cli.regions:import_",
        N_("Cut GeoParquet, PostGIS or a project into the parts of a region."),
    ),
    Listed(
        "region check",
        "civicsight.cli.regions:check_",
        N_("Check a region part by part, as one machine would."),
    ),
    Listed(
        "region report",
        "civicsight.cli.regions:report_",
        N_("Write the page of a region from what was checked, without checking anything."),
    ),
    Listed(
        "region plan",
        "civicsight.cli.regions:split",
        N_("Split a budget over counties by what it buys in each."),
    ),
    Listed(
        "schema",
        "civicsight.cli.schema:schema",
        N_("Show what a command prints with --json, value by value; with --json as JSON Schema."),
    ),
    Listed(
        "app",
        "civicsight.ui.command:serve_app",
        N_("Start the app: the map and its lists, in the browser of this machine."),
    ),
    Listed(
        "app-user add",
        "civicsight.cli.accounts:add",
        N_("Add somebody, or change role and password."),
    ),
    Listed("app-user list", "civicsight.cli.accounts:list_users", N_("List who may sign in.")),
    Listed(
        "app-user remove",
        "civicsight.cli.accounts:remove",
        N_("Take the account from somebody, at once."),
    ),
    Listed(
        "app-token add",
        "civicsight.cli.tokens:add",
        N_("Make a token by which another program reads one project from the app."),
    ),
    Listed(
        "app-token list",
        "civicsight.cli.tokens:list_tokens",
        N_("List the tokens and what they open."),
    ),
    Listed("app-token revoke", "civicsight.cli.tokens:revoke", N_("Take a token away, at once.")),
    Listed(
        "key show",
        "civicsight.cli.keys:show",
        N_("Show the public key by which this installation signs; the first call makes the key."),
    ),
    Listed("key list", "civicsight.cli.keys:list_keys", N_("List the keys that are trusted here.")),
    Listed(
        "key trust",
        "civicsight.cli.keys:trust_key",
        N_("Trust the public key of another installation: what it signed is proved."),
    ),
    Listed("key forget", "civicsight.cli.keys:forget_key", N_("Trust a key no longer.")),
    Listed(
        "key check",
        "civicsight.cli.keys:check",
        N_("Check who signed a bundle, by the signature beside it."),
    ),
)
"""The commands that we have."""

COMMANDS: Final[Mapping[str, Listed]] = {
    row.words: row
    for row in (
        *OWN_COMMANDS,
        *added("commands", Listed, {row.words for row in OWN_COMMANDS}, attrgetter("words")),
    )
}
"""All commands by their words."""

GROUPS: Final[Mapping[str, Text]] = {
    "gates": N_("Gates that no map shows: ask for them, take the answers, hand them on."),
    "rules": N_("Read rule packs: lint them, show what they say, compare two."),
    "plan": N_(
        "Draw up a plan: candidates, the cheapest or widest choice with its proof, documents, and "
        "the file that keeps versions, opinions and approvals."
    ),
    "inventory": N_("Keep the register of cameras: hold new lists against it, count what it has."),
    "survey": N_("Look at things on site: lists out, results in."),
    "store": N_("Set up where plans are kept on a server."),
    "region": N_("Work on a region of many counties: import, check, report, split a budget."),
    "app-user": N_("Say who may sign in to the app, with which role."),
    "app-token": N_("Say which programs may read a project from the app, and until when."),
    "key": N_("Sign packages and bundles, and say whose signatures are trusted."),
}
"""First words of two, and what such commands are for."""
