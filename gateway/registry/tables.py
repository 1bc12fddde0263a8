"""The registry's tables, in the order in which they depend on each other."""

from __future__ import annotations

from typing import Final

from gateway.registry.form import Cell, Column, Reference, Table
from rules.chambers.rule import Kind as ChamberKind
from rules.plan.project import STEPS
from rules.plan.table import Kind, Payer

CLOSED: Final = "closed_on"
"""Every table's last column."""

OWNERSHIPS: Final = {"provincial": "省属", "central": "中央", "local": "地方"}
PAYERS: Final[dict[str, str]] = {Payer.PROVINCE: "省财政", Payer.LOCAL: "市县财政", Payer.PARENT: "上级部门"}
STAGES: Final = {"producing": "生产", "new": "新建", "expanded": "改扩建"}
FACE_KINDS: Final = {"mining_face": "采煤工作面", "driving_face": "掘进工作面"}
METHODS: Final = {"mechanised": "机械化", "blasting": "炮采炮掘"}
PROJECT_KINDS: Final[dict[str, str]] = {
    Kind.MINING_FACE: "采煤工作面",
    Kind.DRIVING_FACE: "掘进工作面",
    Kind.DRIVING_FACE_TBM: "掘进工作面（TBM）",
    Kind.DEMONSTRATION_MINE: "示范煤矿",
    Kind.CHAMBER: "机房硐室",
    Kind.OTHER: "其他",
}
CHAMBER_KINDS: Final[dict[str, str]] = {
    ChamberKind.MAIN_FAN_HOUSE: "主通风机房",
    ChamberKind.SURFACE_SUBSTATION: "地面变电所",
    ChamberKind.CENTRAL_SUBSTATION: "中央变电所",
    ChamberKind.DISTRICT_SUBSTATION: "采区变电所",
    ChamberKind.DRAINAGE_PUMP_ROOM: "主排水泵房",
    ChamberKind.MAIN_HOIST: "主井绞车",
    ChamberKind.MAIN_BELT: "主运输皮带",
    ChamberKind.SURFACE_COMPRESSOR_STATION: "地面压风机房",
    ChamberKind.UNDERGROUND_COMPRESSOR: "井下压风机",
    ChamberKind.GAS_DRAINAGE_STATION: "瓦斯抽采泵站",
    ChamberKind.OTHER: "其他",
}
LEVELS: Final = {"unattended": "无人值守", "central_control": "集中控制", "not_yet": "未达到"}
SHIFT_KINDS: Final = {"production": "生产班", "maintenance": "检修班"}
PAYMENT_KINDS: Final = {"advance": "前期预拨", "acceptance": "验收兑现"}
RESULTS: Final = {"passed": "通过", "failed": "未通过"}
STEP_NAMES: Final = dict(zip(STEPS, ("入库", "开工", "建成", "验收", "退出"), strict=True))


def name(word: str, zh: str, meaning: str, meaning_en: str, *also: str) -> Column:
    """A name that must be filled."""
    return Column(word, zh, Cell.NAME, meaning, meaning_en, required=True, also=also)


def name_or_none(word: str, zh: str, meaning: str, meaning_en: str, *also: str) -> Column:
    """A name that may be blank."""
    return Column(word, zh, Cell.NAME, meaning, meaning_en, also=also)


def chosen(word: str, zh: str, choices: dict[str, str], meaning: str, meaning_en: str) -> Column:
    """One of a list, which must be filled."""
    return Column(word, zh, Cell.CHOICE, meaning, meaning_en, required=True, choices=choices)


def optional(word: str, zh: str, cell: Cell, meaning: str, meaning_en: str) -> Column:
    """A cell that may be blank; blank is unknown, never 0 and never no."""
    return Column(word, zh, cell, meaning, meaning_en)


def required(word: str, zh: str, cell: Cell, meaning: str, meaning_en: str) -> Column:
    """A cell that must be filled."""
    return Column(word, zh, cell, meaning, meaning_en, required=True)


def thing(
    word: str, zh: str, key: tuple[str, ...], *columns: Column, refers: tuple[Reference, ...] = ()
) -> Table:
    """A table of things that end on a day."""
    ends = optional(
        CLOSED,
        "关闭日期",
        Cell.DAY,
        "从这天起不再存在；不删除",
        "from this day on it is no more; nothing is deleted",
    )
    return Table(word, zh, key, (*columns, ends), refers)


def record(
    word: str, zh: str, key: tuple[str, ...], *columns: Column, refers: tuple[Reference, ...] = ()
) -> Table:
    """A table of records that can be struck out."""
    struck = optional(
        CLOSED,
        "作废日期",
        Cell.DAY,
        "填写后本行作废，不再计入；不删除",
        "once filled the row counts no more; nothing is deleted",
    )
    return Table(word, zh, key, (*columns, struck), refers)


DOCUMENT: Final = optional("document", "文号", Cell.TEXT, "依据的文件或文号", "the document it rests on")
NOTE: Final = optional("note", "备注", Cell.TEXT, "给人看的，程序不读", "for people; nothing reads it")
MINE: Final = name(
    "mine", "煤矿", "煤矿名称，见“煤矿”表", "the mine's name, as in the table of mines", "煤矿名称", "矿井"
)
OF_MINE: Final = Reference(("mine",), "mines")
PROJECT: Final = name(
    "project", "项目", "项目名称，见“项目”表", "the project's name, as in the table of projects", "项目名称"
)
OF_PROJECT: Final = Reference(("project",), "projects")
YEAR: Final = required("year", "年度", Cell.WHOLE, "四位年份", "year of four digits")
OPENED: Final = optional(
    "opened_on", "启用日期", Cell.DAY, "空表示一直都在", "blank: it has always been there"
)

TABLES: Final = (
    thing("cities", "城市", ("city",),
          name("city", "城市", "省辖市或省直管县（市）", "city or county under the province", "地市"), NOTE),
    thing("enterprises", "企业", ("enterprise",),
          name("enterprise", "企业", "企业全称；计划表的六个单位也各是一行",
               "its full name; the six units of the plan's table too", "企业名称", "单位"),
          chosen("ownership", "企业性质", OWNERSHIPS, "省属、中央或地方", "provincial, central or local"),
          name_or_none("plan_unit", "计划单位", "计划表中的单位；空则为企业本身",
                       "row of the plan's table; blank: the enterprise itself"),
          Column("payer", "奖补资金来源", Cell.CHOICE, "只在与方案不同时填写",
                 "only where it differs from the plan's text", choices=PAYERS),
          NOTE),
    record("aliases", "企业别名", ("alias",),
           name("alias", "别名", "简称、曾用名", "short or former name"),
           name("enterprise", "企业", "它指的企业", "the enterprise it stands for"),
           refers=(Reference(("enterprise",), "enterprises"),)),
    thing("mines", "煤矿", ("mine",),
          name("mine", "煤矿", "煤矿名称，全省唯一", "its name, unique in the province", "煤矿名称", "矿井"),
          name_or_none("code", "煤矿编码", "12 位编码，与中心配置和网关相同",
                       "code of 12 digits, as in the centre's config"),
          name("enterprise", "企业", "所属企业", "the enterprise it belongs to", "所属企业"),
          name_or_none("city", "城市", "所在市", "the city it lies in", "地市"),
          name_or_none("plan_unit", "计划单位", "与企业的计划单位不同时填写，如 郑州市",
                       "only where it differs from the enterprise's"),
          optional("capacity_wan_t", "核定产能（万吨/年）", Cell.AMOUNT, "万吨/年",
                   "capacity in 10,000 t a year"),
          optional("depth_m", "采深（米）", Cell.AMOUNT, "最大开采深度，米", "greatest depth worked, in m"),
          optional("rock_burst", "冲击地压", Cell.YES_NO, "是否冲击地压矿井；空为未知",
                   "rock-burst mine; blank: unknown"),
          optional("outburst", "煤与瓦斯突出", Cell.YES_NO, "是否突出矿井；空为未知",
                   "outburst mine; blank: unknown"),
          optional("high_gas", "高瓦斯", Cell.YES_NO, "是否高瓦斯矿井", "high-gas mine"),
          optional("complex_water", "水文地质复杂", Cell.YES_NO, "水文地质复杂或极复杂",
                   "complex hydrogeology"),
          Column("stage", "建设性质", Cell.CHOICE, "生产、新建或改扩建；空为未知",
                 "producing, new or expanded; blank: unknown", choices=STAGES),
          OPENED, NOTE,
          refers=(Reference(("enterprise",), "enterprises"), Reference(("city",), "cities"))),
    record("mine_years", "煤矿年度指标", ("mine", "year"), MINE, YEAR,
           optional("staff_underground", "井下用工（人）", Cell.WHOLE, "年末井下用工人数",
                    "people employed underground at the year's end"),
           optional("output_wan_t", "原煤产量（万吨）", Cell.AMOUNT, "全年原煤产量",
                    "raw coal of the year in 10,000 t"),
           optional("efficiency_t", "原煤工效（吨/工）", Cell.AMOUNT, "原煤工效",
                    "raw coal per man-shift in t"),
           DOCUMENT, refers=(OF_MINE,)),
    record("province_years", "全省年度指标", ("year",), YEAR,
           optional("staff_underground", "井下用工（人）", Cell.WHOLE, "全省数，填写后代替各矿之和",
                    "the province's figure; stands in place of the mines' sum"),
           optional("efficiency_t", "原煤工效（吨/工）", Cell.AMOUNT, "全省数，填写后代替按各矿计算的数",
                    "the province's figure; stands in place of what the mines give"),
           DOCUMENT),
    record("projects", "项目", ("project",),
           name("project", "项目", "项目名称，全省唯一", "its name, unique in the province", "项目名称"),
           name("enterprise", "企业", "申报企业或计划单位", "the enterprise or plan unit", "单位"),
           name_or_none("mine", "煤矿", "采掘工作面和示范煤矿必填",
                        "must be filled for a face or a demonstration mine", "煤矿名称", "矿井"),
           chosen("kind", "类别", PROJECT_KINDS, "建设类别", "what it builds"),
           required("planned_year", "计划年度", Cell.WHOLE, "计划建成的年份", "the year it is planned for"),
           *(optional(step, f"{zh}日期", Cell.DAY, f"{zh}日期", f"date of the step {step.removesuffix('_on')}")
             for step, zh in STEP_NAMES.items()),
           optional("investment_wan", "投入升级改造资金（万元）", Cell.AMOUNT, "万元",
                    "what the upgrade costs in 10,000 yuan"),
           *(optional(step.replace("_on", "_document"), f"{zh}文号", Cell.TEXT, f"{zh}依据的文件",
             f"document of that step: {step.removesuffix('_on')}")
             for step, zh in STEP_NAMES.items()),
           *(optional(step.replace("_on", "_by"), f"{zh}填报人", Cell.TEXT, f"{zh}由谁填报",
             f"who reported that step: {step.removesuffix('_on')}")
             for step, zh in STEP_NAMES.items()),
           refers=(Reference(("enterprise",), "enterprises"), OF_MINE)),
    thing("faces", "采掘工作面", ("mine", "face"), MINE,
          name("face", "工作面编码", "与点表的区域相同", "its code, as the point table's area", "工作面",
               "编码"),
          required("title", "工作面名称", Cell.TEXT, "名称", "its name"),
          chosen("kind", "类别", FACE_KINDS, "采煤或掘进", "mining or driving"),
          Column("method", "工艺", Cell.CHOICE, "空为机械化", "blank: mechanised", choices=METHODS),
          name_or_none("project", "项目", "建成智能化工作面的项目", "the project that made it intelligent",
                       "项目名称"),
          optional("intelligent_on", "智能化日期", Cell.DAY, "没有项目而已是智能化工作面时填写",
                   "since when it is intelligent, where no project of the plan made it so"),
          OPENED, refers=(OF_MINE, OF_PROJECT)),
    thing("chambers", "机房硐室和大型设备", ("mine", "chamber"), MINE,
          name("chamber", "硐室编码", "与点表的区域相同", "its code, as the point table's area", "硐室",
               "编码"),
          required("title", "硐室名称", Cell.TEXT, "机房硐室或大型固定设备的名称",
                   "name of the chamber or large fixed machine"),
          chosen("kind", "类别", CHAMBER_KINDS, "类别", "kind"),
          optional("door_required", "要求闭门", Cell.YES_NO, "无人值守是否要求门关闭",
                   "must its door be closed to count as unattended"),
          OPENED, refers=(OF_MINE,)),
    record("declarations", "硐室申报水平", ("mine", "chamber", "declared_on"), MINE,
           name("chamber", "硐室编码", "见“机房硐室和大型设备”表", "as in the table of chambers", "硐室"),
           required("declared_on", "申报日期", Cell.DAY, "从这天起", "from this day on"),
           chosen("level", "水平", LEVELS, "无人值守、集中控制或未达到",
                  "unattended, central control or not yet"),
           DOCUMENT, refers=(Reference(("mine", "chamber"), "chambers"),)),
    thing("gateways", "网关", ("mine", "gateway"), MINE,
          name("gateway", "网关编号", "Sparkplug 的 edge node", "the Sparkplug edge node"),
          optional("title", "说明", Cell.TEXT, "安装地点等", "where it stands, and the like"),
          OPENED, refers=(OF_MINE,)),
    record("shifts", "班制", ("mine", "face", "effective_on", "shift"), MINE,
           name_or_none("face", "工作面编码", "空为全矿", "blank: the whole mine", "工作面"),
           required("effective_on", "生效日期", Cell.DAY, "从这天起", "from this day on"),
           name("shift", "班次", "如 零点班", "its name"),
           required("start", "开始时刻", Cell.TEXT, "如 08:00", "as 08:00"),
           required("minutes", "时长（分）", Cell.WHOLE, "分钟", "minutes"),
           chosen("kind", "性质", SHIFT_KINDS, "生产班或检修班", "production or maintenance"),
           refers=(OF_MINE, Reference(("mine", "face"), "faces", is_optional=True))),
    record("acceptances", "验收", ("project", "held_on"), PROJECT,
           required("held_on", "验收日期", Cell.DAY, "组织验收的日期", "the day it was held"),
           chosen("result", "结果", RESULTS, "通过或未通过", "passed or failed"),
           optional("experts", "专家", Cell.TEXT, "验收专家，用顿号分开", "the experts, set apart by 、"),
           optional("score", "得分", Cell.AMOUNT, "得分", "score"),
           optional("edition", "标准版本", Cell.TEXT, "验收标准的版本", "edition of the standard"),
           DOCUMENT, refers=(OF_PROJECT,)),
    record("payments", "奖补拨付", ("payment",),
           name("payment", "拨付文号", "拨付文件或凭证号，唯一", "number of the voucher, unique"),
           PROJECT,
           chosen("kind", "性质", PAYMENT_KINDS, "前期预拨或验收兑现", "advance, or on acceptance"),
           required("paid_on", "拨付日期", Cell.DAY, "日期", "date"),
           required("amount_wan", "金额（万元）", Cell.AMOUNT, "万元", "in 10,000 yuan"),
           DOCUMENT, refers=(OF_PROJECT,)),
    record("filings", "方案规划", ("filing",),
           name("filing", "文号", "企业建设方案、城市发展规划的文号，唯一",
                "number of the enterprise's or city's plan, unique"),
           name_or_none("enterprise", "企业", "企业的方案；企业和城市填一个",
                        "an enterprise's; one of the two is filled"),
           name_or_none("city", "城市", "城市的规划", "a city's", "地市"),
           required("filed_on", "报送日期", Cell.DAY, "日期", "date"),
           required("title", "标题", Cell.TEXT, "标题", "title"),
           optional("document", "存放位置", Cell.TEXT, "文件的存放位置或编号", "where the document is kept"),
           refers=(Reference(("enterprise",), "enterprises"), Reference(("city",), "cities"))),
    thing("robots", "机器人", ("mine", "robot"), MINE,
          name("robot", "机器人编号", "编号", "its number"),
          required("post", "岗位", Cell.TEXT, "替代的危险岗位", "the dangerous post it takes over"),
          required("in_use_on", "投用日期", Cell.DAY, "投入使用的日期", "in use since"),
          DOCUMENT, refers=(OF_MINE,)),
)  # fmt: skip
BY_WORD: Final = {table.word: table for table in TABLES}
