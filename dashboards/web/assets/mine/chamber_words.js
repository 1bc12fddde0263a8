// The words of the pages of chambers, Chinese and English.

export const zh = {
  stateHead: "状态",
  chamberKinds: {
    main_fan_house: "主通风机房",
    central_substation: "中央变电所",
    district_substation: "采区变电所",
    surface_substation: "地面变电所",
    drainage_pump_room: "主排水泵房",
    main_hoist: "主提升机房",
    main_belt: "主运输皮带",
    surface_compressor_station: "地面压风机房",
    underground_compressor: "井下压风机",
    gas_drainage_station: "瓦斯抽采泵站",
    other: "其他硐室",
  },
  levels: { unattended: "无人值守", central_control: "集中控制", not_yet: "未达到", no_verdict: "无结论" },
  levelHeads: { declared: "申报", observed: "实测（近 30 天）", agrees: "对照" },
  notDeclared: "未申报",
  noLevelYet: "尚无日记录",
  agreement: { yes: "与申报一致", no: "与申报不符", open: "无法判定" },
  levelRule: (figures, days) =>
    `按最近 ${figures.window_days} 天内已有的 ${days} 天日记录合计；满 ${figures.days_min} 天才下结论；${100 * figures.level_share} % 以上的时间处于该水平才算达到。一次巡检不超过 ${figures.patrol_max_min} 分、${figures.patrol_people_max} 人；巡检间隔不超过 ${figures.patrol_interval_h} 小时。`,
  share: (part) => `${(100 * part).toFixed(1)} %`,
  hoursShort: (s) =>
    s === null
      ? "—"
      : s === 0
        ? "0"
        : s < 60
          ? "<1 分"
          : s < 3600
            ? `${Math.round(s / 60)} 分`
            : `${Math.floor(s / 3600)}:${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}`,
  dayHead: "日期",
  dayFigures: { patrols: "巡检次数", longest_visit_gap: "最长巡检间隔", longest_presence: "最长逗留" },
  runningDay: "进行中",
  visitKinds: { patrol: "人员巡检", robot: "机器人巡检", other: "到访（不计巡检）" },
  visitCount: (n) => `到访 ${n} 次`,
  visitHead: "类别",
  obstaclesHead: "距无人值守尚缺",
  nothing: "无",
  list: (words) => words.join("、"),
  obstacles: {
    occupancy_unknown: "人数未知",
    control_mode_unknown: "控制方式未知",
    video_unknown: "视频状态未知",
    protections_unknown: "保护状态未知",
    link_unknown: "通信状态未知",
    door_unknown: "门状态未知",
    local: "就地控制",
    video_off: "视频故障",
    protections_off: "保护不健全",
    link_off: "通信故障",
    door_open: "门未关闭",
    occupied: "有人在内",
    posted: "固定岗",
    visit_overdue: "巡检超期",
    must_be_attended: "井下空压机须有人值守",
  },
  parts: {
    level: "申报与实测",
    timeline: "状态与巡检",
    days: "日记录",
    chamberDay: "逐段依据",
    passages: "当日各时段",
    visits: "到访",
  },
  empty: {
    noDays: ["还没有日记录", "午夜后记录前一天。"],
    noRowsOfChamber: ["库中没有这段时间的数据", "请选其他日期，或查看网关页的数据缺口。"],
    noVisits: ["当日无人到访", ""],
  },
};

export const en = {
  stateHead: "State",
  chamberKinds: {
    main_fan_house: "Main fan house",
    central_substation: "Central substation",
    district_substation: "District substation",
    surface_substation: "Surface substation",
    drainage_pump_room: "Drainage pump room",
    main_hoist: "Main hoist",
    main_belt: "Main belt",
    surface_compressor_station: "Surface compressors",
    underground_compressor: "Underground compressor",
    gas_drainage_station: "Gas drainage station",
    other: "Other chamber",
  },
  levels: {
    unattended: "Unattended",
    central_control: "Central control",
    not_yet: "Not yet",
    no_verdict: "No verdict",
  },
  levelHeads: { declared: "Declared", observed: "Observed, last 30 days", agrees: "Agreement" },
  notDeclared: "Not declared",
  noLevelYet: "No day is recorded yet",
  agreement: { yes: "As declared", no: "Not as declared", open: "Cannot be told" },
  levelRule: (figures, days) =>
    `By the time of ${days === 1 ? "1 recorded day" : `${days} recorded days`}, of the last ${figures.window_days}; ${figures.days_min} are needed for a verdict, and ${100 * figures.level_share} % of the time for a level. A patrol is at most ${figures.patrol_max_min} min and ${figures.patrol_people_max} people, and due every ${figures.patrol_interval_h} h.`,
  share: (part) => `${(100 * part).toFixed(1)} %`,
  hoursShort: (s) =>
    s === null
      ? "—"
      : s === 0
        ? "0"
        : s < 60
          ? "<1 min"
          : s < 3600
            ? `${Math.round(s / 60)} min`
            : `${Math.floor(s / 3600)}:${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}`,
  dayHead: "Day",
  dayFigures: { patrols: "Patrols", longest_visit_gap: "Longest without", longest_presence: "Longest stay" },
  runningDay: "running",
  visitKinds: { patrol: "patrol", robot: "robot patrol", other: "visit, no patrol" },
  visitCount: (n) => (n === 1 ? "1 visit" : `${n} visits`),
  visitHead: "Kind",
  obstaclesHead: "What kept it from standing alone",
  nothing: "nothing",
  list: (words) => words.join(", "),
  obstacles: {
    occupancy_unknown: "occupancy unknown",
    control_mode_unknown: "control mode unknown",
    video_unknown: "video unknown",
    protections_unknown: "protections unknown",
    link_unknown: "link unknown",
    door_unknown: "door unknown",
    local: "local control",
    video_off: "video off",
    protections_off: "protections off",
    link_off: "link off",
    door_open: "door open",
    occupied: "occupied",
    posted: "a post",
    visit_overdue: "patrol overdue",
    must_be_attended: "must be attended",
  },
  parts: {
    level: "Declared and observed",
    timeline: "States and patrols",
    days: "Day records",
    chamberDay: "stretch by stretch",
    passages: "The day's stretches",
    visits: "Visits",
  },
  empty: {
    noDays: ["No day is recorded yet", "A day is recorded after its midnight."],
    noRowsOfChamber: [
      "Nothing is stored of this time",
      "Choose other days, or see the gaps on the page of gateways.",
    ],
    noVisits: ["Nobody came that day", ""],
  },
};
