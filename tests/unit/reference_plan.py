"""A naive second reading of definitions.md §3, on the texts of projects.csv: no code of ours, no shortcuts.

Dates are compared as ISO texts, amounts are fractions rounded by hand, every figure is counted by its own pass
over all rows. Rows are valid rows of projects.csv, as dictionaries of texts.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

Row = dict[str, str]

# The annex as printed, line by line: 采煤 掘进 示范 of 2021, of 2022, of 2023.
ANNEX = """
河南能源化工集团 16 14 6 10 20 2 14 30 3
中平能化集团 11 18 3 10 37 3 10 80 3
郑煤集团 2 4 1 3 3 0 2 0 1
神火集团 2 1 0 0 1 1 0 0 0
中煤河南分公司 1 1 0 2 2 0 2 3 0
郑州市 0 0 0 1 1 0 1 1 1
"""
PRINTED = {line.split()[0]: [int(cell) for cell in line.split()[1:]] for line in ANNEX.split("\n") if line}
SIX = list(PRINTED)
COLUMN_OF = {"mining_face": 0, "driving_face": 1, "demonstration_mine": 2}
OTHER_NAMES = {
    "河南能源": 0,
    "河南能源集团": 0,
    "平煤神马": 1,
    "平煤神马集团": 1,
    "中国平煤神马": 1,
    "中国平煤神马集团": 1,
    "中平能化": 1,
    "郑煤": 2,
    "神火": 3,
    "中煤河南": 4,
    "中煤河南公司": 4,
}


def unit_of(row: Row) -> str:
    name = row["enterprise"]
    return SIX[OTHER_NAMES[name]] if name in OTHER_NAMES else name


def cell(unit: str, kind: str, year: int) -> int:
    return PRINTED[unit][3 * (year - 2021) + COLUMN_OF[kind]]


def happened(row: Row, step: str, day: str) -> bool:
    return row[step] != "" and row[step] <= day


def counts(rows: list[Row], kind: str, year: int, day: str) -> dict[str, int]:
    """The figures of progress that are counted, over the rows given."""
    end = f"{year}-12-31"
    found = dict.fromkeys(
        ("accepted", "completed", "accepted_cumulative", "completed_cumulative", "overdue", "missed"), 0
    )
    for row in rows:
        if row["kind"] != kind and not (row["kind"] == "driving_face_tbm" and kind == "driving_face"):
            continue
        withdrawn = happened(row, "withdrawn_on", day)
        for step in ("accepted", "completed"):
            on = row[step + "_on"]
            if happened(row, step + "_on", day) and not withdrawn:
                if on <= end:
                    found[step + "_cumulative"] += 1
                if on <= end and (year == 2021 or on > f"{year - 1}-12-31"):
                    found[step] += 1
        if day >= end and int(row["planned_year"]) == year:
            if not happened(row, "accepted_on", day) and not withdrawn:
                found["overdue"] += 1
            in_plan_then = not happened(row, "withdrawn_on", end)
            if in_plan_then and (not happened(row, "completed_on", end) or withdrawn):
                found["missed"] += 1
    return found


def progress(rows: list[Row], day: str) -> dict[str, Any]:
    units = list(SIX)
    for row in rows:
        if unit_of(row) not in units:
            units.append(unit_of(row))
    lines: list[dict[str, Any]] = []
    for unit in units:
        for kind in COLUMN_OF:
            for year in (2021, 2022, 2023):
                found = counts([row for row in rows if unit_of(row) == unit], kind, year, day)
                plan = cumulative = rate = shortfall = None
                if unit in SIX:
                    plan = cell(unit, kind, year)
                    cumulative = sum(cell(unit, kind, each) for each in range(2021, year + 1))
                    rate = found["accepted_cumulative"] / cumulative if cumulative else None
                    shortfall = max(0, cumulative - found["accepted_cumulative"])
                lines.append(
                    {"enterprise": unit, "kind": kind, "year": year, "due": day >= f"{year}-12-31"}
                    | {
                        "planned": plan,
                        "planned_cumulative": cumulative,
                        "rate": rate,
                        "shortfall": shortfall,
                    }
                    | found
                )
    totals = []
    for unit in ("合计", "全省"):
        for kind in COLUMN_OF:
            for year in (2021, 2022, 2023):
                counted = [row for row in rows if unit == "全省" or unit_of(row) in SIX]
                found = counts(counted, kind, year, day)
                plan = sum(cell(each, kind, year) for each in SIX)
                cumulative = sum(cell(each, kind, y) for each in SIX for y in range(2021, year + 1))
                lack = 0
                for line in lines:
                    if line["kind"] == kind and line["year"] == year and line["enterprise"] in SIX:
                        lack += line["shortfall"]
                totals.append(
                    {"enterprise": unit, "kind": kind, "year": year, "due": day >= f"{year}-12-31"}
                    | {"planned": plan, "planned_cumulative": cumulative}
                    | {"rate": found["accepted_cumulative"] / cumulative, "shortfall": lack}
                    | found
                )
    return {"as_of": day, "rows": lines, "totals": totals}


def four_decimals(amount: Fraction) -> str:
    tenthousandths = (amount * 20_000 + 1) // 2
    return f"{tenthousandths // 10_000}.{tenthousandths % 10_000:04d}"


def reward(rows: list[Row], day: str) -> dict[str, Any]:
    lines = []
    for row in rows:
        unit, kind = unit_of(row), row["kind"]
        year = int(row["completed_on"][:4]) if happened(row, "completed_on", day) else None
        rate = {2021: Fraction(35, 100), 2022: Fraction(30, 100), 2023: Fraction(25, 100)}.get(year or 0)
        cap = None
        if rate is not None and kind in ("mining_face", "driving_face_tbm"):
            cap = {2021: 500, 2022: 450, 2023: 400}[year or 0]
        if rate is not None and kind == "driving_face":
            cap = {2021: 120, 2022: 100, 2023: 80}[year or 0]
        payer = None
        if unit in SIX:
            payer = ("province", "province", "province", "local", "parent", "local")[SIX.index(unit)]
        investment = Fraction(row["investment_wan"]) if row["investment_wan"] else None
        if not happened(row, "accepted_on", day) or happened(row, "withdrawn_on", day):
            status = "not_accepted"
        elif not happened(row, "in_library_on", day) or row["in_library_on"] > row["accepted_on"]:
            status = "not_in_library"
        elif year not in (2021, 2022, 2023):
            status = "not_covered"
        elif payer == "parent":
            status = "paid_by_parent"
        elif kind in ("chamber", "demonstration_mine", "other") or payer != "province" or investment is None:
            status = "ambiguous"
        else:
            status = "payable"
        uncapped = capped = None
        if status in ("payable", "ambiguous") and investment is not None and rate is not None:
            uncapped = rate * investment
            if cap is not None:
                capped = uncapped if uncapped < cap else Fraction(cap)
        lines.append(
            {
                "project": row["project"],
                "enterprise": unit,
                "mine": row["mine"] or None,
                "kind": kind,
                "year": year,
                "payer": payer,
                "status": status,
                "rate": None if rate is None else f"0.{int(rate * 100)}",
                "cap_wan": None if cap is None else f"{cap}.0000",
                "investment_wan": None if investment is None else four_decimals(investment),
                "reward_wan": four_decimals(capped) if status == "payable" and capped is not None else None,
                "capped_wan": None if capped is None else four_decimals(capped),
                "uncapped_wan": None if uncapped is None else four_decimals(uncapped),
            }
        )
    sums = []
    for unit in SIX:
        for year in (2021, 2022, 2023):
            paid = [
                Fraction(str(line["reward_wan"]))
                for line in lines
                if line["status"] == "payable" and line["enterprise"] == unit and line["year"] == year
            ]
            if paid:
                sums.append(
                    {"enterprise": unit, "year": year, "reward_wan": four_decimals(sum(paid, Fraction(0)))}
                )
    return {"projects": lines, "sums": sums}


def targets(rows: list[Row], day: str) -> dict[str, Any]:
    goals = []
    for year, ranges in (
        (2021, {"demonstration_mine": (8, 10), "mining_face": (30, 35), "driving_face": (35, 40)}),
        (2022, {"demonstration_mine": (10, 15), "mining_face": (50, None), "driving_face": (100, None)}),
        (2023, {"demonstration_mine": (15, 20), "mining_face": (80, None), "driving_face": (200, None)}),
    ):
        for kind, (low, high) in ranges.items():
            found = counts(rows, kind, year, day)
            by = f"{year}-12-31"
            status = "met" if found["accepted_cumulative"] >= low else "pending" if day < by else "not_met"
            goals.append(
                {"id": f"{kind}_{year}", "by": by, "text_low": low, "text_high": high, "status": status}
                | {"table": sum(cell(unit, kind, y) for unit in SIX for y in range(2021, year + 1))}
                | {"accepted": found["accepted_cumulative"], "completed": found["completed_cumulative"]}
            )
    for name, by in (
        ("mandatory_rock_burst", "2021-12-31"),
        ("mandatory_deep_outburst", "2021-12-31"),
        ("mandatory_new", "2021-12-31"),
        ("mandatory_expanded", "2021-12-31"),
        ("chambers_2022", "2022-12-31"),
        ("workforce_2023", "2023-12-31"),
        ("efficiency_2023", "2023-12-31"),
        ("robots_2023", "2023-12-31"),
    ):
        nothing = dict.fromkeys(("text_low", "text_high", "table", "accepted", "completed"))
        goals.append({"id": name, "by": by, "status": "not_measured"} | nothing)
    return {"as_of": day, "goals": goals}
