"""Duplicate construction: what each camera adds, who replaces it, what need not be built."""

from civicsight.planning.duplicates.appraise import MEANINGS, NAMES, REASONS, Verdict
from civicsight.planning.duplicates.cards import Card, make_cards
from civicsight.planning.duplicates.find import Duplicates, barred_by_article_9, duplicates
from civicsight.planning.duplicates.plan_set import IncrementalCover
from civicsight.planning.duplicates.reliance import Offers, offers_of, prices_of, see_by_night
from civicsight.planning.duplicates.what_if import WhatIf, what_if

__all__ = [
    "MEANINGS",
    "NAMES",
    "REASONS",
    "Card",
    "Duplicates",
    "IncrementalCover",
    "Offers",
    "Verdict",
    "WhatIf",
    "barred_by_article_9",
    "duplicates",
    "make_cards",
    "offers_of",
    "prices_of",
    "see_by_night",
    "what_if",
]
