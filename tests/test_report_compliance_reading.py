"""The compliance report as it reads: nothing told twice, nothing of which there is none."""

import re
from dataclasses import replace
from itertools import chain

import numpy as np
import pandas as pd
import pytest

from civicsight.presentation.lexicon import article_name, numbered, place_in
from civicsight.presentation.names import name_judged
from civicsight.report.compliance import give_account, places
from civicsight.report.compliance.annex import MOST_SUBJECTS, questions
from civicsight.report.compliance.articles import MOST_FOUND, TOLD, asked_rows, laws
from civicsight.report.compliance.chapters import GATHERED, chapters
from civicsight.report.compliance.drawings import LINE_ROOM, TEXT_ROOM, WIDE
from civicsight.report.compliance.exhibits import exhibits_of
from civicsight.report.compliance.places import failing_places, place_pages, place_rows
from civicsight.report.compliance.public import SHOWN_OUTCOMES, tally_of
from tests.compliance_made import looked_at
from tests.test_check import inventory, town
from tests.test_compliance import TODAY
from tests.test_report_compliance import account, annex, housed, page, recorded
from tests.test_report_exhibits import a_strip
from tests.test_report_page import Reader

PIECES = ("along", "width", "low", "high", "before", "after", "sure")


def speech(edition="reviewer"):
    return name_judged(account(edition).dossier, "en")


def articles(edition="reviewer"):
    found = chapters(account(edition), speech(edition))
    return list(chain.from_iterable(pack["articles"] for pack in found))


def blocks(edition="reviewer"):
    return list(chain.from_iterable(article["blocks"] for article in articles(edition)))


def test_rules_that_ask_the_same_stand_together_and_none_is_lost():
    together = [[rule["id"] for rule in block["rules"]] for block in blocks()]
    told = list(chain.from_iterable(together))
    packs = account().result.rules.packs
    assert sorted(told) == sorted(rule.id for pack in packs for rule in pack.rules)
    assert max(map(len, together)) > 4
    for pack in packs:
        rules = {rule.id: rule for rule in pack.rules}
        for group in together:
            own = [rules[name] for name in group if name in rules]
            assert len({str(rule.check) + str(rule.human) for rule in own}) <= 1


def test_outcomes_that_a_rule_has_are_told_with_their_number_and_no_other():
    counts = tally_of(account()).cells
    for pack in account().result.rules.packs:
        own = {rule["id"]: rule["counts"] for block in blocks() for rule in block["rules"]}
        for rule in pack.rules:
            cells = counts[pack.id, rule.id]
            known = [cell for cell in cells if cell != "0"]
            told = [cell for _, cell in own[rule.id]]
            assert told == (known or [""])
            assert len(cells) == len(SHOWN_OUTCOMES)


@pytest.mark.slow
def test_the_public_edition_says_in_words_that_a_count_is_not_told():
    cells = [
        cell for block in blocks("public") for rule in block["rules"] for cell in rule["counts"]
    ]
    assert ("counts not published", "") in cells
    assert not any(count in ("*", "0") for _, count in cells)
    assert "数量不公开" in annex("zh_CN", "public")


@pytest.mark.slow
def test_only_the_edition_that_is_signed_has_room_for_answers():
    assert annex("en").count('class="ticks"') > 10
    assert page("en").count('class="ticks"') == 1  # who read and judged it
    assert 'class="ticks"' not in page("en", "public") + annex("en", "public")
    assert "Open questions" in annex("en", "public")


def test_every_article_has_a_chapter_and_every_rule_its_words():
    brief, text = Reader(page("en")).text, Reader(annex("en")).text
    for entry in account().result.rules.packs:
        for article in entry.articles:
            first, open_ended = article.n.rstrip("-"), article.n.endswith("-")
            number = f"{first} and those after it" if open_ended else article.n.replace("-", "–")
            for volume in (brief, text):
                assert f"Article {number} · {' '.join(article.gist['en'].split())}" in volume
                assert not article.no_rule or article.no_rule["en"] in volume
        for rule in entry.rules:
            assert f"{rule.id} {rule.title['en']}" in text


@pytest.mark.slow
def test_what_two_laws_find_alike_is_listed_once():
    verdicts = account().compliance.verdicts
    failed = verdicts[verdicts["outcome"].eq("fail") & verdicts["severity"].ne("judgement")]
    listed = sum(row["count"] for article in articles() for row in article["failing"])
    listed += sum(article["more"] for article in articles())
    said = [text for article in articles() for text in article["elsewhere"]]
    repeated = sum(int(text.split()[0]) for text in said)
    assert said
    assert listed + repeated == len(failed)
    articles_of = {
        (rule.pack, rule.id): rule.article
        for pack in account().result.rules.packs
        for rule in pack.rules
    }
    under = {}
    for row in failed.to_dict("records"):
        why = tuple(map(str, row["because"]))
        alike = (row["subject_kind"], row["subject"], row["severity"], why)
        article = articles_of[row["pack"], row["rule"]]
        under.setdefault(alike, []).append((row["pack"], article))
    later = sum(place != places[0] for places in under.values() for place in places)
    assert repeated == later


@pytest.mark.slow
def test_findings_of_one_rule_for_one_reason_are_one_row_with_names():
    bare = recorded().assign(purpose="")
    bare = bare.assign(purpose=[None] * (len(bare) - 1) + ["traffic"])
    found = give_account(housed(bare), today=TODAY)
    said = name_judged(found.dossier, "en")
    rows = [
        row
        for pack in chapters(found, said)
        for article in pack["articles"]
        for row in article["failing"]
    ]
    verdicts = found.compliance.verdicts
    (rule,) = [
        rule for pack in found.result.rules.packs for rule in pack.rules if str(rule.id) == "R2.2"
    ]
    failed = verdicts[verdicts["rule"].eq(rule.id) & verdicts["outcome"].eq("fail")]
    (row,) = [row for row in rows if row["rule"] == rule.id and row["count"] >= GATHERED]
    told = [row for row in rows if row["rule"] == rule.id]
    assert sum(row["count"] for row in told) == len(failed)
    assert row["subject"] == f"{row['count']} cameras"
    named = {said.subject("camera", label) for label in failed["subject"]}
    assert set(row["names"].split(", ")) <= named


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ({"loss_sure": 0.1, "loss_assumed": 0.1, "loss_possible": 0.1}, "for sure"),
        ({"loss_sure": 0.1, "loss_assumed": 0.2, "loss_possible": 0.2}, "for sure|as assumed"),
        ({"loss_sure": 0.1, "loss_assumed": 0.1, "loss_possible": 0.3}, "for sure|at most"),
        ({"loss_sure": 0.0, "distance_m": 2.0}, "for sure|distance"),
    ],
)
def test_a_measure_is_told_again_only_where_a_less_sure_reading_changes_it(evidence, said):
    told = speech().evidence(evidence).split("; ")
    assert len(told) == len(said.split("|"))
    assert all(word in text for word, text in zip(said.split("|"), told, strict=True))


def test_a_question_about_all_of_a_kind_names_the_kind():
    dossier, verdicts = account().dossier, account().compliance.verdicts
    found = questions(account(), speech())
    cameras = len(dossier.subjects("camera"))
    assert cameras < MOST_SUBJECTS
    assert not any("every" in name for entry in found["data"] for name in entry["subjects"])
    many = verdicts[verdicts["outcome"].eq("undetermined")]
    assert all(
        reason["count"] == "" or int(reason["count"]) > 1
        for entry in found["data"]
        for reason in entry["reasons"]
    )
    assert len(many) > 0


def test_values_that_a_rule_does_not_turn_on_are_not_counted():
    """Cameras outdoors need no use of a room, so theirs is not shown as missing."""
    city = housed(recorded().assign(setting="outdoor"))
    found = give_account(looked_at(city), today=TODAY)
    rules = [found.result.rules.rule("nanchang", "R9.2")]
    shown = exhibits_of(found, name_judged(found.dossier, "en"), rules, "here", {})
    assert not any("use of the room" in one.title for one in shown)


def test_a_wall_gets_a_line_and_a_word_only_where_there_is_room():
    rng = np.random.default_rng(11)
    starts = np.sort(np.append(rng.uniform(0.0, 100.0, 40), 0.0))
    corners = tuple((float(start), 90.0 * (k % 4)) for k, start in enumerate(starts))
    strip = a_strip(corners=corners, length_m=100.0)
    drawing = strip.draw("wall", {"scale": "10 m", "faces": "faces"})
    wide = np.diff(np.append(starts, 100.0)) * WIDE / 100.0
    assert drawing.count("V") == int((wide >= LINE_ROOM).sum())
    assert drawing.count("faces ") == int((wide >= TEXT_ROOM).sum())


def test_a_place_that_two_laws_ask_for_has_one_page_that_names_both_rules():
    found = give_account(town(inventory(away=((5, -8), 180.0, {}))), today=TODAY)
    (row,) = failing_places(found).to_dict("records")
    own = {one.rule for one in row.pop("bases")}
    assert own == {"R8.5", "N7.4"}
    twice = pd.concat([found.compliance.verdicts, pd.DataFrame([row | {"rule": "R8.1"}])])
    both = replace(found, compliance=replace(found.compliance, verdicts=twice))
    (told,) = place_pages(both, name_judged(found.dossier, "en"))
    assert set(told["rule"].split(", ")) == {*own, "R8.1"}


def test_narrow_pieces_of_wall_are_not_drowned_by_their_edges():
    n = 400
    strip = a_strip(
        along=np.arange(n) + 0.5, width=np.ones(n), low=np.zeros(n), high=np.full(n, 3.0),
        before=np.tile([30.0, 300.0], n // 2), after=np.tile([30.0, 300.0], n // 2),
        sure=np.zeros(n, bool), corners=((0.0, 0.0),), length_m=float(n),
    )  # fmt: skip
    drawing = strip.draw("wall", {"scale": "10 m", "faces": "faces"})
    assert drawing.count('stroke="none"') == n
    wide = replace(strip, length_m=n / 10.0, along=strip.along / 10.0, width=strip.width / 10.0)
    few = replace(wide, **{name: getattr(wide, name)[: n // 10] for name in PIECES}, length_m=4.0)
    assert 'stroke="none"' not in few.draw("wall", {"scale": "10 m", "faces": "faces"})


def test_articles_are_called_as_print_has_them():
    assert numbered("11-12") == "11\N{EN DASH}12"
    assert str(article_name("8")) == "Article 8"
    assert str(article_name("15-")) == "Article 15 and those after it"
    assert str(place_in("The law", "15-")).endswith("15 and those after it")


@pytest.mark.parametrize("edition", ["reviewer", "public"])
def test_every_rule_stands_once_in_the_report_judged_or_with_why_it_was_not(edition):
    counts = tally_of(account(edition)).counts
    found = laws(account(edition), speech(edition))
    for pack, law in zip(
        sorted(account().result.rules.packs, key=lambda one: -one.instrument.rank),
        found,
        strict=True,
    ):
        told = [row for one in law["articles"] for row in one["rows"]]
        judged = [name for row in told for name in row["rules"].split(", ")]
        silent = [line for one in law["silent"] for line in one["lines"]]
        for rule in pack.rules:
            quiet = sum(f"({rule.id})" in line["rules"] for line in silent)
            assert judged.count(rule.id) + quiet == 1
            if edition == "reviewer":
                fail, _, waived, passed, _ = (one.value for one in counts[pack.id, rule.id])
                assert quiet == (fail + waived + passed == 0)
        assert all(line["why"] for line in silent)


def test_rules_that_ask_the_same_are_one_row_with_the_sum_of_their_counts():
    tally = tally_of(account())
    rules = [rule for pack in account().result.rules.packs for rule in pack.rules]
    packs = {rule.id: rule.pack for rule in rules}
    rows = asked_rows(account(), speech(), rules, tally)
    assert sorted(name for row in rows for name in row["rules"].split(", ")) == sorted(packs)
    assert max(len(row["rules"].split(", ")) for row in rows) > 9  # the classes of places
    for row in rows:
        own = [tally.counts[packs[name], name] for name in row["rules"].split(", ")]
        wanted = [sum(one.value for one in each) for each in zip(*own, strict=True)][: len(TOLD)]
        assert [int(cell.replace(",", "")) for cell in row["cells"]] == wanted


def test_what_a_planner_reads_has_no_name_of_a_column():
    said = name_judged(account().dossier, "en", coded=False)
    brief = laws(account(), said)
    texts = [row["because"] for law in brief for one in law["articles"] for row in one["found"]]
    texts += [line["why"] for law in brief for one in law["silent"] for line in one["lines"]]
    assert "not recorded: " in " ".join(texts)
    assert not re.search(r"\[\w+\]", " ".join(texts))
    assert all(len(one["found"]) <= MOST_FOUND for law in brief for one in law["articles"])


def test_the_worst_places_have_a_page_and_the_others_a_row(monkeypatch):
    found = give_account(town(inventory(away=((5, -8), 180.0, {}))), today=TODAY)
    said = name_judged(found.dossier, "en")
    ranked = list(dict.fromkeys(failing_places(found)["subject"]))
    assert [place["id"] for place in place_pages(found, said)] == ranked
    assert place_rows(found, said) == []
    monkeypatch.setattr(places, "MOST_PAGES", 0)
    (row,) = place_rows(found, said)
    assert place_pages(found, said) == []
    assert (row["id"], row["gap"], row["count"]) == (ranked[0], "2", "2")
