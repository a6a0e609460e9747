"""Workbooks that departments were sent, filled in and read back."""

from __future__ import annotations

from datetime import timedelta

import openpyxl

from civicsight.core.settings import present_day
from civicsight.inventory.filled_in import read_filled_in
from civicsight.planning.record.consultation import asked_names, sort_replies
from civicsight.report.consultation import SHEET
from tests.plan_made import checked, hand_plan

NAMED = ("市教育局", "城管局", "财政局", "动物园")

"""A school, poles, money, and a body that is on no list."""


DAY = (present_day() - timedelta(20)).isoformat()


COLUMNS = ("reply", "opinion", "replied_by", "replied_on")


def fill_answers(path, answers):
    """Fill in a workbook that a department got: four cells by the number of a point."""
    book = openpyxl.load_workbook(path)
    sheet = next(one for one in book if column_of(one, "reply"))
    at = {str(row[0].value): row[0].row for row in sheet.iter_rows(min_row=2)}
    for label, cells in answers.items():
        for name, value in zip(COLUMNS, cells, strict=True):
            sheet.cell(at[label], column_of(sheet, name), value)
    book.save(path)


def column_of(sheet, name):
    """The number of the column with a code in its heading, 0 without one."""
    heads = [str(cell.value) for cell in sheet[1]]
    return next((n for n, head in enumerate(heads, start=1) if f"({name})" in head), 0)


def read(path, plan=None, root="ab" * 32, named=NAMED):
    plan = plan or hand_plan()
    table, report = read_filled_in("replies", path, SHEET, crs=plan.measures.crs, keep_good=True)
    known = asked_names(named, checked().rules)
    return sort_replies(table, path.name, plan, known, root, report.rejected)
