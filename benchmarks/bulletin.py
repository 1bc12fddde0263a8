"""How long a bulletin takes in each form: the demo's 343 projects, alone and with a registry of watched faces.

.venv/bin/python benchmarks/bulletin.py
"""

from __future__ import annotations

import resource
import time

from gateway.reports.bulletin import bulletin
from gateway.reports.desk import Form, printed_as
from gateway.reports.inputs import Inputs, Span
from gateway.reports.settings import ReportSettings
from rules.plan.register import Register
from tests import bulletin_scene

FORMS: tuple[Form, ...] = ("json", "xlsx", "docx", "pdf")


def main() -> None:
    """One line per form."""
    projects = bulletin_scene.demo_projects()
    scenes = {
        "343 projects": Inputs(Register(projects=projects), demo=True),
        "with 305 faces, 111 chambers": bulletin_scene.inputs(),
    }
    for name, inputs in scenes.items():
        for form in FORMS:
            took = []
            size = 0
            for _ in range(2):
                begun = time.perf_counter()
                made = bulletin(inputs, Span.QUARTER, bulletin_scene.AS_OF)
                size = len(printed_as(form, made, ReportSettings()))
                took.append(time.perf_counter() - begun)
            print(f"{name:>30} {form:>5} {took[0]:6.2f} s, again {took[1]:5.2f} s, {size / 1e6:5.2f} MB")
    print(f"peak RSS {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
