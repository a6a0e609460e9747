"""Faults of plans that are kept: by code, what was expected and how to mend it."""

from __future__ import annotations

from typing import Final

from civicsight.core.faults import declare, fault, reject

__all__ = ["fault", "reject"]

ANEW: Final = "Take nothing out of it; ask the sender to write the package again."
CHOOSE: Final = "Choose one of the list."
ATTACH: Final = "Print it to a PDF, or take a smaller picture of it."
SCAN: Final = "Scan the document again, or print it to a PDF, and choose that file."

declare(
    {
        "formats.unknown": (
            "a project, a file of plans, or the folder of a plan",
            "Drafts, accounts and mapping files are brought up to date as they are read.",
        ),
        "handover.changed": ("the file that was packed: %(digest)s", ANEW),
        "handover.damaged": ("a package as civicsight writes it", ANEW),
        "handover.digest": ("a digest of 64 digits", ANEW),
        "handover.foreign": ("no file that the list of the package has not", ANEW),
        "handover.list": ("the list of a hand-over package", ANEW),
        "handover.missing": ("the file that was packed: %(digest)s", ANEW),
        "handover.number": ("a whole number from 1 on", ANEW),
        "handover.plan": ("a plan with its latest version, in a state that plans have", ANEW),
        "handover.remark": ("the position of a remark", ANEW),
        "handover.root": (
            "the root of the sheet: %(root)s",
            (
                "It is another package than that of the sheet, or somebody changed it on the way: "
                "take nothing out of it and ask the sender."
            ),
        ),
        "handover.row": ("the row that was packed", ANEW),
        "handover.sheet": ("the sheet of this package, whose root begins with %(start)s", ANEW),
        "handover.signature": ("a signature of the list of the package", ANEW),
        "handover.text": ("at most %(count)s signs that a person sees", ANEW),
        "handover.time": ("a time since 2000 that has come by the clock of this machine", ANEW),
        "handover.unproven": (
            "the root of its sheet, or a signature by a key that is trusted here",
            (
                "Give the root of its sheet (--root), or trust the key of the sender (civicsight "
                "key trust). Without either, take it over as unproven (--unproven): the audit "
                "keeps that."
            ),
        ),
        "key.damaged": (
            "an Ed25519 key without a passphrase",
            (
                "Put your copy of the file back. Without one, move the file away: the next "
                "signature makes a new key, which others have to trust anew."
            ),
        ),
        "key.known": (
            "a name and a key that are not in the list",
            "Forget it first: civicsight key forget %(name)s",
        ),
        "key.list": (
            "a list that 'civicsight key trust' wrote",
            "Move it away and trust the keys again.",
        ),
        "key.missing": ("an existing file", "Check the path."),
        "key.name": (
            "one word without quotes, commas or wildcards",
            "Give another name, such as housing-office.",
        ),
        "key.public": (
            "one public Ed25519 key as OpenSSH writes it",
            "Ask the other side for the file that 'civicsight key show --out' writes.",
        ),
        "key.signature": (
            "the file that was signed",
            "Do not use the file: have it sent again, with its signature.",
        ),
        "key.stranger": (
            "a signature by a key that is trusted here",
            (
                "Ask the sender for the public key, compare the fingerprint, and trust it: "
                "civicsight key trust FILE --name NAME"
            ),
        ),
        "key.unknown": ("the name of a trusted key", "'civicsight key list' names them."),
        "key.unsigned": (
            "an existing file",
            "Put the signature that came with the file beside it.",
        ),
        "postgis.geometry": (
            "sound geometries",
            "Mend the geometry, for example with ST_MakeValid or ST_CurveToLine.",
        ),
        "postgis.server": (
            "a server that answers",
            "Check address, name and password in the URL, and the right to read the table.",
        ),
        "postgis.srid": ("an EPSG code as its SRID", "Set it with UpdateGeometrySRID."),
        "postgis.table": (
            "a table with one column of geometries",
            "Name a table or view with one geometry of one coordinate system.",
        ),
        "postgis.url": ("postgresql://user@host/database", "Correct the address."),
        "store.adoption:choice": ("one of %(choices)s", "Say whether it is adopted."),
        "store.adoption:remark": (
            "whether the opinion is adopted, adopted in part or not adopted",
            "Settle it with civicsight plan settle, or under its thread in the app.",
        ),
        "store.attachment:kind": ("a document or a picture: %(known)s", ATTACH),
        "store.attachment:other": ("what its name says: %(kind)s", ATTACH),
        "store.attachment:size": ("at most %(most)s MB", ATTACH),
        "store.attachments": ("at most %(most)s files", "Leave another remark with the rest."),
        "store.body": (
            "a body that may approve a plan, such as %(name)s",
            "Enter the body as the document names it.",
        ),
        "store.busy": (
            "a store that another program does not hold for half a minute",
            "Close the program that edits the plans, and repeat; nothing was changed.",
        ),
        "store.changed": (
            "what civicsight wrote; another program or a fault of the disk changed it",
            "Restore the latest backup: civicsight plan restore",
        ),
        "store.conflict": (
            "the plan as you read it; %(who)s changed it at %(at)s (%(action)s)",
            "Read the plan again and repeat what you did; nothing was lost.",
        ),
        "store.crs:none": ("a table with a CRS", "Set the CRS of the table."),
        "store.crs:other": (
            "one CRS for all layers and plans of a store",
            "Reproject the layer, or keep the plans of another city in another file.",
        ),
        "store.date": ("a date such as 2026-03-01", "Write year, month and day."),
        "store.day": (
            "a day on which it can be: %(why)s",
            "Enter the day that the document bears.",
        ),
        "store.denied:district": (
            "a planner of the district of the plan",
            "A district planner works in the own district alone.",
        ),
        "store.denied:nobody": ("a name", "Say who acts."),
        "store.denied:own": (
            "somebody who had no part in the plan",
            "Nobody judges his own plan: ask another person.",
        ),
        "store.denied:role": ("one of these roles: %(roles)s", "Ask somebody who has the right."),
        "store.denied:unknown": (
            "somebody who is appointed with this role, district and user of the system",
            "Ask an administrator of the store.",
        ),
        "store.department": (
            "a department that the plan names: %(names)s",
            "Correct the name, or add the department to those of the plan first.",
        ),
        "store.disk": (
            "a disk that reads and writes without an error",
            (
                "Have the disk or the share checked, and repeat: the act is not kept, everything "
                "before it is."
            ),
        ),
        "store.driver": (
            "the driver of PostgreSQL",
            "Install it: pip install 'civicsight[postgis]'",
        ),
        "store.dump:failed": (
            "a backup by %(program)s",
            "Mend what it says, or have the administrator of the server make the backup.",
        ),
        "store.dump:program": (
            "%(program)s, a program of PostgreSQL, on this machine",
            (
                "Install the client programs of PostgreSQL here, or have the administrator of the "
                "server make the backup: pg_dump --format=custom --file=FILE %(name)s"
            ),
        ),
        "store.empty": ("a text", "Say what it is; the record is worth nothing without it."),
        "store.empty_plan": ("a plan with at least one version", "Commit a version first."),
        "store.first_member": (
            "an administrator as the first who is appointed",
            "Appoint the administrator first.",
        ),
        "store.full": (
            "%(needed)s MiB of free space; %(free)s MiB are left",
            "Free some space and repeat; everything saved before is whole.",
        ),
        "store.geometry": ("a geometry with finite coordinates", "Mend or remove the feature."),
        "store.last_admin": (
            "a store with an administrator",
            "Appoint another administrator first.",
        ),
        "store.layer_name": (
            "a name of small Latin letters, digits and underscores that is not taken",
            "Rename the layer.",
        ),
        "store.lost": (
            "a database server that answers",
            (
                "Wait until it runs again, and look at the plan before you repeat the last act: it "
                "is there whole or not at all. What was acknowledged before is kept."
            ),
        ),
        "store.missing": (
            "a file of plans",
            "Check the name, or begin a new one: civicsight plan new",
        ),
        "store.network_share": (
            "a disk of this machine",
            "Move the file to a local disk; for several machines use PostGIS.",
        ),
        "store.no_attachment": ("a file that a decision or a remark on this plan names", CHOOSE),
        "store.no_end": (
            "a line such as: %(line)s",
            (
                "Give the package, the record of the approval, a page, or type number and digest "
                "as they stand on the paper."
            ),
        ),
        "store.no_opinion": (
            "the number of an opinion of a department that does not simply agree",
            CHOOSE,
        ),
        "store.no_plan": ("a plan of this store", "List the plans of the store."),
        "store.no_remark": ("the number of a remark on this plan", CHOOSE),
        "store.no_version": ("a version of the plan", "List the versions of the plan."),
        "store.not_a_store": (
            "a file of plans",
            "A project of a city is another file: its plans are beside it, in NAME.plans.gpkg.",
        ),
        "store.number": (
            "the number of the document, with digits and no year after its day",
            "Enter the number that the document bears.",
        ),
        "store.older:closed": (
            "format %(number)s to write into; this one is open for reading only",
            "Bring it up to date first, which makes a backup: civicsight migrate %(name)s",
        ),
        "store.older:server": (
            "format %(number)s; an earlier one on a server is not opened",
            "Bring it up to date: civicsight migrate URL --as NAME --backed-up",
        ),
        "store.opinions": (
            "an opinion of every department on the latest version, since it was returned",
            "Record the opinions that are missing.",
        ),
        "store.plan_exists": ("the id of a plan that is not there yet", "Choose another id."),
        "store.read_only": (
            "a file and a folder that can be written",
            "Copy the store to a folder of your own, or ask for the right to write.",
        ),
        "store.repeated_id": ("each id once", "Give every row an id of its own."),
        "store.replaced": (
            "the file that was opened; it was replaced or removed since",
            "Open the store again.",
        ),
        "store.reply": ("one of %(choices)s", "Say whether the department agrees."),
        "store.roles:right": (
            "a role of the server that may create roles and hand tables over",
            "Run it once as the administrator of the server.",
        ),
        "store.roles:user": (
            "a user who is neither the owner nor a superuser, and cannot become one",
            "Name another role for planners and the app: --user",
        ),
        "store.root": (
            "the root of version %(n)s, which begins with %(start)s",
            (
                "Compare it with page one of the paper: it is the root of no version of this plan, "
                "mistyped or of another plan."
            ),
        ),
        "store.same_departments": ("other departments than before", "Take one off, or add one."),
        "store.same_file": (
            "answers that were not brought in before",
            "Nothing to do: they are on record.",
        ),
        "store.scan:cut": ("a whole %(kind)s file with a page that can be read", SCAN),
        "store.scan:digest": (
            "the SHA-256 of the scanned document",
            "Hand the scan in as a file: its digest is computed.",
        ),
        "store.scan:empty": ("a file that is not empty", SCAN),
        "store.scan:none": (
            "the scan of the approval document: PDF, JPEG, PNG, TIFF or OFD",
            "Choose the file of the scan.",
        ),
        "store.scan:other": (
            "the scan of the approval document: PDF, JPEG, PNG, TIFF or OFD",
            SCAN,
        ),
        "store.server:backup": (
            "a database server that was backed up",
            "Back it up with its own tools (pg_dump), and say so: --backed-up",
        ),
        "store.server:silent": (
            "a server that answers",
            "Check address, name and password in the URL.",
        ),
        "store.stale": (
            "inputs as they were: %(what)s",
            "Compute the plan again from what is there now, and commit it.",
        ),
        "store.state:act": (
            "a plan in one of these states: %(states)s",
            "Do first what leads there.",
        ),
        "store.state:return": (
            "a plan in one of these states: %(states)s",
            "Have the plan returned first.",
        ),
        "store.successor": ("another plan that is approved", "Approve the new plan first."),
        "store.there": (
            "a file or a database that holds no plans yet",
            "Give another name; nothing that is there is written over.",
        ),
        "store.unsettled": (
            "every opinion of a department settled",
            "Settle each by its number: adopted, in part or not, with the reason.",
        ),
        "store.url": (
            "a file, or a URL that begins with sqlite:/// or postgresql://",
            "Give the name of a file.",
        ),
        "store.value": (
            "a finite number, yes or no, text, or a list or mapping of these",
            "Write dates as text, and leave what is not known empty.",
        ),
    }
)
