"""The appraisal figures as a workbook of one sheet; the same figures make the same bytes."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Final

from xlsxwriter import Workbook

from gateway.registry.excel import CREATED, DEMO, HEADER_PT
from rules.plan.appraisal import Appraisal

HEADS: Final = {
    "enterprise": "单位",
    "planned": "累计计划",
    "completed": "累计建成",
    "accepted": "累计验收",
    "rate": "完成率",
    "shortfall": "缺口",
    "overdue": "逾期未验收",
    "missed": "未按期建成",
    "mines_that_missed": "未完成计划的煤矿",
    "reward_wan": "应奖补（万元）",
    "paid_wan": "已拨付，含未得奖补的（万元）",
    "chambers": "机房硐室",
    "chambers_at_level": "无人值守或集中控制",
    "staff_2020": "2020年井下用工",
    "staff": "井下用工",
}
HEADER_ROW: Final = 2


def workbook_of(appraisal: Appraisal, *, demo: bool) -> bytes:
    """Title, day, a row for each unit; what is unknown is a dash, never 0."""
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"title": "煤矿智能化建设绩效考评数据", "created": CREATED})
        sheet = book.add_worksheet("绩效考评数据")
        title = book.add_format({"bold": True, "font_size": 13})
        head = book.add_format(
            {"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True, "align": "center"}
        )
        share = book.add_format({"num_format": "0.0%"})
        money = book.add_format({"num_format": "#,##0.0000"})
        dash = book.add_format({"align": "right"})
        sheet.write_string(0, 0, f"煤矿智能化建设绩效考评数据{f'（{DEMO}）' if demo else ''}", title)
        sheet.write_string(1, 0, f"截至 {appraisal.as_of}；累计到 {appraisal.year} 年")
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, len(HEADS) - 1, 12)
        sheet.set_row(HEADER_ROW, HEADER_PT)
        for at, (word, zh) in enumerate(HEADS.items()):
            sheet.write_string(HEADER_ROW, at, zh, head)
            for line, row in enumerate(appraisal.rows, HEADER_ROW + 1):
                match getattr(row, word):
                    case None:
                        sheet.write_string(line, at, "—", dash)
                    case str() as text:
                        sheet.write_string(line, at, text)
                    case Decimal() as amount:
                        sheet.write_number(line, at, float(amount), money)
                    case number:
                        sheet.write_number(line, at, number, share if word == "rate" else None)
        sheet.freeze_panes(HEADER_ROW + 1, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        if demo:
            sheet.set_footer(f"&C{DEMO}")
    return content.getvalue()
