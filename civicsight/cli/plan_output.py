"""What the command line shows of a plan: its progress, then its figures."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from civicsight.core.errors import N_, Text

if TYPE_CHECKING:
    from civicsight.cli.session import Session, Tick
    from civicsight.planning.record.plan import Plan
    from civicsight.planning.solver.outcome import Progress as Reached
    from civicsight.planning.statement.figures import Figures


CUT: Final = N_(
    "The time was up before all was computed that is told beside the plan (other shares, other "
    "plans, other money, failures). Give it more time (--seconds)."
)


def show_made(
    session: Session, plan: Plan, files: list[Path], kept: tuple[int, str] | None, *, json_: bool
) -> None:
    """Print what a person wants to know first of a plan, or all figures for a machine."""
    from civicsight.planning.statement.claims import statement_of
    from civicsight.planning.statement.figures import figures_of
    from civicsight.planning.statement.spending import compare_spending

    n, stated = figures_of(plan), statement_of(plan)
    known = n.to_dict()
    whens = ("before", "after")
    figures = {
        "cost_yuan": known["cost.works"],
        "works_yuan": known["cost.works"],
        "investment_yuan": known["cost.investment"],
        "spending": compare_spending(plan).to_dict(orient="records"),
        "yearly_yuan": known["cost.yearly"],
        "present_yuan": known["cost.present"],
        "measures": n.actions,
        "share_sure": {when: known[f"share.covered.{when}"] for when in whens},
        "parts_covered": {when: known[f"parts.compliant.{when}"] for when in whens},
        "parts": known["parts.count.after"],
        "open": open_of(n),
        "checked_on": n.checked_on,
        "figures": known,
        **stated.to_dict(),
        "statement": [session.translate(line) for line in stated.lines()],
        "aims": {row.aim: [row.value, row.bound] for row in plan.stages.itertuples()},
        "unbuilt": dict(zip(plan.unbuilt["camera_id"], plan.unbuilt["reason"], strict=True)),
        "barred": sorted(set(plan.barred["camera_id"])),
        "not_weighed": list(plan.not_weighed),
    }
    if json_:
        version = None if kept is None else {"version": kept[0], "root": kept[1]}
        session.show_json({**figures, "kept": version}, files)
        return
    for line in describe(plan):
        session.out.print(session.translate(line), markup=False, highlight=False)
    if kept is not None:
        text = N_("Kept as version %(n)s, root %(root)s", n=kept[0], root=kept[1])
        session.out.print(session.translate(text), markup=False, highlight=False, soft_wrap=True)
    show_documents(session, files)


def open_of(n: Figures) -> dict[str, int]:
    """Return how many parts and places a plan leaves open."""
    return {"parts": n.of("parts.open.after"), "places": n.of("places.open.after")}


def show_documents(session: Session, files: list[Path]) -> None:
    """Say which document to open, and what lies beside it; the files of the proof go unnamed."""
    from civicsight.report.html import plan_name

    first = next(file for file in files if file.name == plan_name(session.language))
    beside = [file.name for file in files if file.parent == first.parent and file != first]
    texts = (N_("Open %(file)s", file=first), N_("Beside it: %(files)s", files=", ".join(beside)))
    for text in texts:
        session.out.print(session.translate(text), markup=False, highlight=False, soft_wrap=True)


def describe(plan: Plan) -> list[Any]:
    """Return what a person wants to know first of a plan."""
    from civicsight.planning.duplicates.robustness import describe as say_robustness
    from civicsight.planning.extras import CUT_SHORT
    from civicsight.planning.record.actions import ACTIONS
    from civicsight.planning.solver.phases_model import WHY_UNBUILT, Reason
    from civicsight.planning.statement.claims import statement_of
    from civicsight.planning.statement.figures import figures_of
    from civicsight.planning.statement.spending import compare_spending, describe_spending
    from civicsight.report.partition import leave_unweighed
    from civicsight.report.plan.bill import headline_money
    from civicsight.report.plan.endings import headline

    n = figures_of(plan)
    lines: list[Any] = [
        *headline(n),
        *headline_money(plan, n),
        *map(describe_spending, compare_spending(plan).query("is_kept").itertuples()),
        statement_of(plan).effort(),
    ]
    left = plan.not_weighed
    if left:
        lines.append(leave_unweighed(plan, n, ", ".join(left)))
    lines += [
        N_("%(what)s: %(value)s", what=label, value=n[f"measures.{name}"])
        for name, label in ACTIONS.items()
        if n.of(f"measures.{name}")
    ]
    lines += _aims(plan, n)
    lines += [
        N_("Not built: %(name)s, %(why)s", name=row.camera_id, why=WHY_UNBUILT[Reason(row.reason)])
        for row in plan.unbuilt.itertuples()
    ]
    lines += [CUT] if plan.parameters.get(CUT_SHORT) else []
    lines += [say_robustness(row, n.entries) for _, row in plan.robustness.iterrows()]
    if len(plan.barred):
        names = ", ".join(sorted(set(plan.barred["camera_id"])))
        lines.append(N_("Not credited, for they break the law: %(names)s", names=names))
    if len(plan.unreachable):
        count = n["samples.unreachable"]
        lines.append(N_("Sample points that no permitted camera can cover: %(count)s", count=count))
    return lines


def _aims(plan: Plan, n: Figures) -> list[Text]:
    """Return what was reached of each aim, with what no plan can beat."""
    from civicsight.planning.choice.order_of_aims import AIM_TEXTS, Aim

    is_bought = plan.proof.goal == "widest"
    said = (
        N_("%(aim)s: %(value)s, no plan for this money beats %(bound)s")
        if is_bought
        else N_("%(aim)s: %(value)s, at least %(bound)s as the solver reports")
    )
    return [
        Text(
            said.template,
            {
                "aim": AIM_TEXTS[Aim(row.aim)],
                "value": n[f"aims.{row.aim}.value"],
                "bound": n[f"aims.{row.aim}.bound"],
            },
        )
        for row in plan.stages.itertuples()
    ]


@dataclass(slots=True, eq=False)
class Steps:
    """Steps of a plan as they begin; the one before ends then."""

    session: Session
    money: Text | None
    stack: ExitStack = field(default_factory=ExitStack)
    heard: Any = None

    def begin(self, label: Text) -> Tick | None:
        """End the step before, and show this one."""
        from civicsight.planning.make import CHOICE

        self.stack.close()
        self.heard = None
        if label == CHOICE:
            self.heard = self.stack.enter_context(_shown(self.session, label, money=self.money))
            return None
        return self.stack.enter_context(self.session.step(label))

    def hear(self, reached: Reached) -> None:
        """Show where the optimiser is."""
        if self.heard is not None:
            self.heard(reached)


@contextmanager
def showing(session: Session, *, money: Text | None) -> Iterator[Steps]:
    """Show the steps of a plan; `money`: which sum the optimiser makes small, None for none."""
    steps = Steps(session, money)
    try:
        yield steps
    finally:
        steps.stack.close()


@contextmanager
def stopping(session: Session) -> Iterator[threading.Event]:
    """Let Ctrl-C stop the optimiser and keep what it has; pressed again it ends the command."""
    stop = threading.Event()

    def hear(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            signal.default_int_handler(number, frame)
        stop.set()
        session.print(N_("Stopping; the last valid plan is kept. Press again to keep nothing."))

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGINT, hear)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _shown(session: Session, label: Text, *, money: Text | None) -> Iterator[Any]:
    """Show value and bound of the optimiser as it goes."""
    from civicsight.planning.statement.claims import so_far

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(
        *columns, console=session.err, transient=True, disable=not session.err.is_terminal
    ) as progress:
        task = progress.add_task(session.translate(label), total=None)
        last = ""

        def hear(reached: Reached) -> None:
            nonlocal last
            said = so_far(reached.value, reached.bound, money=money)
            if said is not None:
                last = session.translate(said)
                progress.update(task, description=last)

        yield hear
    if not session.err.is_terminal:
        session.print(N_("done: %(step)s", step=label))
        if last:
            session.print(last)
