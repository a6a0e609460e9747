"""The commands by name: what each does is known before it is called, and imported only then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import LANGUAGES

PROGRAM: Final = N_(
    "What a city's public-safety cameras really see, compared with what the law demands. "
    "Every command takes --lang with one of %(languages)s.",
    languages=", ".join(LANGUAGES),
)

COMMANDS: Final[Mapping[str, tuple[str, Text]]] = {
    "demo": (
        "cli.commands:demo",
        N_("Work on two cities that need no download, and say what was found."),
    ),
    "fetch": (
        "cli.commands:fetch",
        N_("Download a city from OpenStreetMap and save it as a project."),
    ),
    "check": (
        "cli.commands:check",
        N_(
            "Find what the cameras cover and repeat of what the law demands, and write page, "
            "tables, layers and rasters."
        ),
    ),
    "coverage": (
        "cli.commands:coverage",
        N_("Compute what the cameras see on the ground, as rasters and nothing else."),
    ),
    "export": (
        "cli.commands:export",
        N_("Check a city and write one file: .gpkg, .xlsx, .html or .json by its name."),
    ),
    "import": (
        "cli.importing:import_",
        N_(
            "Read a city, an inventory or a register, say what was understood, mended and "
            "rejected, and save it as a project."
        ),
    ),
    "template": (
        "cli.writing:template",
        N_("Write empty tables to fill in, explained in every language, each with an example row."),
    ),
    "quality": (
        "cli.writing:quality",
        N_(
            "Say on one page and in one table how good the data of a city are, where they are "
            "thin, and what that caps."
        ),
    ),
    "catalogue": (
        "cli.writing:catalogue",
        N_("Write the cameras of a city as a catalogue of GB/T 28181-2022, without secrets."),
    ),
    "obstruct": (
        "cli.obstructing:obstruct",
        N_(
            "Say what a proposed billboard, tree, pipeline, building or structure takes from the "
            "cameras that stand, and write a permit sheet for each."
        ),
    ),
    "specify": (
        "cli.works:specify",
        N_(
            "Write what planned cameras have to deliver: pixels, angles, light, interface; no "
            "maker and no model."
        ),
    ),
    "accept": (
        "cli.works:accept",
        N_(
            "Compare what was built with what was planned, camera by camera, and compute the "
            "coverage as built; with --of-plan against a version of a plan."
        ),
    ),
    "inventory reconcile": (
        "cli.inventories:reconcile",
        N_(
            "Hold a new list of cameras against the register of a project: new, missing, moved, "
            "renumbered, stated otherwise; settle each, and keep who settled it, when and why."
        ),
    ),
    "survey out": (
        "cli.surveys:out_",
        N_(
            "List what has to be looked at on site, street by street as a walk: a workbook to fill "
            "in, stops for map programs, a sheet to print."
        ),
    ),
    "survey in": (
        "cli.surveys:in_",
        N_(
            "Put what a survey found in place of what was assumed, with day and name; planned "
            "points that cannot be built go out."
        ),
    ),
    "prepare": (
        "cli.preparing:prepare",
        N_("Compile every kernel now, once on this machine, so that no later run waits for it."),
    ),
    "migrate": (
        "cli.migrating:migrate",
        N_("Bring a project or a file of plans of an earlier format up to date, after a backup."),
    ),
    "gates ask": (
        "cli.gates:ask",
        N_(
            "List the gates that nobody has confirmed as a table to fill in, that first which "
            "would settle most."
        ),
    ),
    "gates answer": (
        "cli.gates:answer",
        N_(
            "Take the list of gates back as it was filled in, show what changes, and save it "
            "once that is accepted."
        ),
    ),
    "gates register": (
        "cli.gates:register",
        N_("Write the confirmed gates as a register of entrances for another project."),
    ),
    "privacy": (
        "cli.private:privacy",
        N_(
            "List the cameras that could look into private places, with the smallest change that "
            "clears each, a mask, and what both cost."
        ),
    ),
    "report": (
        "cli.reporting:report",
        N_(
            "Judge every article by every rule, and write the compliance report: pages, PDF, "
            "tables and layers."
        ),
    ),
    "rules lint": (
        "cli.rules:lint",
        N_("Check packs, and name line and field of everything that is wrong."),
    ),
    "rules show": (
        "cli.rules:show",
        N_("Show what packs say, article by article and rule by rule."),
    ),
    "rules diff": (
        "cli.rules:diff",
        N_("Compare two packs, or one of yours with those that come with the program."),
    ),
    "plan candidates": (
        "cli.plans:candidates",
        N_(
            "List every permitted candidate with its cost, what the law excludes, and what "
            "nothing can cover."
        ),
    ),
    "plan optimise": (
        "cli.plans:optimise",
        N_(
            "Choose the measures: the cheapest plan, or the widest within a budget, with proof, "
            "ledger and phases; write its documents. Ctrl-C keeps the last valid plan."
        ),
    ),
    "plan options": (
        "cli.plan_options:options",
        N_(
            "Draw up three options (at least, recommended, everything), keep each, and compare "
            "them on one sheet."
        ),
    ),
    "plan frontier": (
        "cli.plan_frontier:frontier",
        N_(
            "Show what money buys: the curve of cost with its bounds, the plans of which none "
            "beats another, and what surviving a failure costs."
        ),
    ),
    "plan new": (
        "cli.plan_deciding:new",
        N_("Begin a plan in a project file, which is made if it is missing."),
    ),
    "plan submit": (
        "cli.plan_deciding:submit",
        N_("Open the joint review, or submit the plan once all opinions are in."),
    ),
    "plan opinion": (
        "cli.plan_deciding:opinion",
        N_("Record the opinion of a department on the latest version."),
    ),
    "plan consult": (
        "cli.plan_consulting:consult",
        N_(
            "Write for each department what it is asked about a plan: a workbook to fill in and a "
            "document, with what concerns it alone."
        ),
    ),
    "plan replies": (
        "cli.plan_consulting:replies",
        N_(
            "Take the workbooks of departments back: opinions in the joint review, and remarks on "
            "points in their name."
        ),
    ),
    "plan settle": (
        "cli.plan_consulting:settle",
        N_("Settle an opinion of a department: adopted, in part or not, with the reason."),
    ),
    "plan adoption": (
        "cli.plan_consulting:adoption",
        N_(
            "Write how the opinions of departments were adopted, and list who has not answered and "
            "what is not settled."
        ),
    ),
    "plan edition": (
        "cli.plan_consulting:edition",
        N_(
            "Write an edition of a plan by whom it is for: full (the whole text, for circulation), "
            "finance (money without places), works (poles and digging, for the city management), "
            "public (counts)."
        ),
    ),
    "plan handover": (
        "cli.handing_over:handover",
        N_(
            "Write the latest version of a plan with its project as a package for another "
            "installation, with the sheet that both sides sign."
        ),
    ),
    "plan takeover": (
        "cli.handing_over:takeover",
        N_(
            "Begin a project with a package that was handed over, or take one back: what either "
            "side changed, what both changed, and what was settled."
        ),
    ),
    "plan remark": (
        "cli.plan_remarks:remark",
        N_("Remark on a camera, a place or the plan, or answer a remark; files may be attached."),
    ),
    "plan remarks": (
        "cli.plan_remarks:remarks",
        N_("List the remarks on a plan as threads: who said what, and which are still open."),
    ),
    "plan file": (
        "cli.plan_remarks:take_file",
        N_("Write a file that a remark or an approval keeps."),
    ),
    "plan return": ("cli.plan_deciding:send_back", N_("Return a submitted plan with the reason.")),
    "plan approve": (
        "cli.plan_deciding:approve",
        N_("Record the approval of one version: body, number, day and scan of its document."),
    ),
    "plan backup": (
        "cli.plan_deciding:backup",
        N_("Copy the project file to a dated backup, and verify the copy."),
    ),
    "plan copy": (
        "cli.plan_deciding:transfer",
        N_("Copy all plans into another file or database, and verify both."),
    ),
    "plan restore": (
        "cli.plan_deciding:restore",
        N_("Put a verified backup in the place of a project file; the old file is kept."),
    ),
    "plan audit": (
        "cli.plan_deciding:audit",
        N_("Verify the project file, and list who did what."),
    ),
    "plan duplicates": (
        "cli.plan_duplicates:duplicates",
        N_(
            "Judge every planned camera: what it adds, who replaces it, what need not be built, "
            "and how many cameras could go together."
        ),
    ),
    "plan ledger": (
        "cli.plan_reading:ledger",
        N_("List every measure with what it is for, what would do instead, what it saves."),
    ),
    "plan diff": ("cli.plan_reading:diff", N_("Compare two plans, or two versions of one.")),
    "plan progress": (
        "cli.progressing:progress",
        N_(
            "Hold a month's report of the works against the plan: stages by district and "
            "contractor, what is late, what is to be filed."
        ),
    ),
    "plan fund": (
        "cli.funding:fund",
        N_(
            "Say who pays for what of a plan, by point or by rule: sums by source, year and "
            "district, the list of projects of each year, a lease beside building."
        ),
    ),
    "plan export": (
        "cli.plan_reading:export",
        N_("Write the documents of a kept plan: pages, DOCX, XLSX, map sheets, layers."),
    ),
    "plan years": (
        "cli.plan_reading:years",
        N_(
            "Say what a plan covers at the end of each year, among the buildings that stand in "
            "that year."
        ),
    ),
    "plan verify": (
        "cli.plan_verifying:verify",
        N_(
            "Compare every file of a plan with its own list and, with --root, that with the root; "
            "count coverage, cost and bound again; with --city also whether its inputs changed, "
            "and rows of its matrix by brute force."
        ),
    ),
    "store init": (
        "cli.stores:init",
        N_(
            "Set up a PostGIS database for plans with two roles: one that owns the tables, and one "
            "for planners and the app, who can neither switch a trigger off nor change an entry."
        ),
    ),
    "region import": (
        "cli.regions:import_",
        N_("Cut GeoParquet, PostGIS or a project into the parts of a region."),
    ),
    "region check": (
        "cli.regions:check_",
        N_("Check a region part by part, as one machine would."),
    ),
    "region report": (
        "cli.regions:report_",
        N_("Write the page of a region from what was checked, without checking anything."),
    ),
    "region plan": (
        "cli.regions:split",
        N_("Split a budget over counties by what it buys in each."),
    ),
    "schema": (
        "cli.schema:schema",
        N_("Show what a command prints with --json, value by value; with --json as JSON Schema."),
    ),
    "app": (
        "ui.command:serve_app",
        N_("Start the app: the map and its lists, in the browser of this machine."),
    ),
    "app-user add": ("cli.accounts:add", N_("Add somebody, or change role and password.")),
    "app-user list": ("cli.accounts:list_users", N_("List who may sign in.")),
    "app-user remove": ("cli.accounts:remove", N_("Take the account from somebody, at once.")),
    "app-token add": (
        "cli.tokens:add",
        N_("Make a token by which another program reads one project from the app."),
    ),
    "app-token list": ("cli.tokens:list_tokens", N_("List the tokens and what they open.")),
    "app-token revoke": ("cli.tokens:revoke", N_("Take a token away, at once.")),
    "key show": (
        "cli.keys:show",
        N_("Show the public key by which this installation signs; the first call makes the key."),
    ),
    "key list": ("cli.keys:list_keys", N_("List the keys that are trusted here.")),
    "key trust": (
        "cli.keys:trust_key",
        N_("Trust the public key of another installation: what it signed is proved."),
    ),
    "key forget": ("cli.keys:forget_key", N_("Trust a key no longer.")),
    "key check": ("cli.keys:check", N_("Check who signed a bundle, by the signature beside it.")),
}
"""Module of this room and function of each command, and what it does."""

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
