"""The law as data: rule packs, their closed list of predicates, and the places that they name."""

from civicsight.rules.composition import Override, Rules
from civicsight.rules.difference import Difference, compare_packs
from civicsight.rules.loader import builtin_packs, lint_pack, load_packs, open_pack
from civicsight.rules.pack import Pack, PartSpec, Profile, Rule, ZoneClass
from civicsight.rules.select import Selection, find_zones, select_zones

__all__ = [
    "Difference",
    "Override",
    "Pack",
    "PartSpec",
    "Profile",
    "Rule",
    "Rules",
    "Selection",
    "ZoneClass",
    "builtin_packs",
    "compare_packs",
    "find_zones",
    "lint_pack",
    "load_packs",
    "open_pack",
    "select_zones",
]
