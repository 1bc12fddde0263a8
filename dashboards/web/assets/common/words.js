// The words that several pages share, Chinese and English, and how a word joins a figure. Each page adds its own.
// Terms as the plan and the regulations use them.

const zh = {
  tag: "zh-CN",
  other: { code: "en", name: "EN", title: "English" },
  product: "九人以下 ninebelow",
  navigation: "导航",
  places: { wall: "调度大屏", mine: "矿井", province: "全省" },
  signOut: "退出",
  demo: (speed) => (speed === 1 ? "演示数据" : `演示数据 ×${speed}`),
  shiftKinds: { production: "生产", maintenance: "检修" },
  noShift: "无班次",
  left: (time) => ["剩", time, ""],
  people: (count) => `${count} 人`,
  faceStates: { within: "合规", over: "超员", hazard: "重大隐患", unknown: "无数据", not_judged: "不考核" },
  notJudged: {
    maintenance: "检修班",
    not_intelligent: "非智能",
    handover: "交接班",
    no_shift: "无班次",
  },
  readingAge: (span) => `${span}前`,
  readAt: (time) => `读数时间 ${time}`,
  since: (time) => `${time} 起`,
  verdicts: { within: "合规", exceeded: "超员", no_verdict: "无结论", not_judged: "不考核", pending: "判定中" },
  verdictReasons: {
    sustained: "持续超员",
    cumulative: "累计超时",
    too_short: "时间不足",
    coverage: "数据不足",
    fragmented: "数据零碎",
    maintenance: "检修班",
    not_intelligent: "非智能化面",
  },
  chamberStates: {
    unattended: "无人值守",
    patrol: "巡检",
    central_control: "集中控制",
    attended: "有人值守",
    unprotected: "保护异常",
    local_control: "就地控制",
    unknown: "未知",
  },
  controlModes: { auto: "自动", remote: "远控", local: "就地" },
  truth: { true: "是", false: "否" },
  bad: "? 坏值",
  stale: "? 过期",
  planKinds: { mining_face: "采煤面", driving_face: "掘进面", demonstration_mine: "示范矿" },
  units: {},
  online: "在线",
  offline: "离线",
  spans: {
    none: "—",
    underMinute: "<1 分",
    seconds: (n) => `${n} 秒`,
    minutes: (n) => `${n} 分`,
    hours: (n) => `${n} 时`,
    days: (n) => `${n} 天`,
  },
};

const en = {
  tag: "en",
  other: { code: "zh", name: "中文", title: "中文" },
  product: "ninebelow",
  navigation: "Pages",
  places: { wall: "Wall", mine: "Mine", province: "Province" },
  signOut: "Sign out",
  demo: (speed) => (speed === 1 ? "DEMO" : `DEMO ×${speed}`),
  shiftKinds: { production: "production", maintenance: "maintenance" },
  noShift: "no shift",
  left: (time) => ["", time, "left"],
  people: (count) => (count === 1 ? "1 person" : `${count} people`),
  faceStates: {
    within: "Within",
    over: "Over",
    hazard: "Hazard",
    unknown: "No data",
    not_judged: "Not judged",
  },
  notJudged: {
    maintenance: "Maintenance",
    not_intelligent: "Ordinary",
    handover: "Handover",
    no_shift: "No shift",
  },
  readingAge: (span) => `${span} ago`,
  readAt: (time) => `read at ${time}`,
  since: (time) => `since ${time}`,
  verdicts: { within: "Within", exceeded: "Exceeded", no_verdict: "Open", not_judged: "Unjudged", pending: "Pending" },
  verdictReasons: {
    sustained: "sustained",
    cumulative: "cumulative",
    too_short: "too short",
    coverage: "too little data",
    fragmented: "fragmented data",
    maintenance: "maintenance shift",
    not_intelligent: "not intelligent",
  },
  chamberStates: {
    unattended: "Unattended",
    patrol: "Patrol",
    central_control: "Central",
    attended: "Attended",
    unprotected: "Unprotected",
    local_control: "Local",
    unknown: "Unknown",
  },
  controlModes: { auto: "auto", remote: "remote", local: "local" },
  truth: { true: "yes", false: "no" },
  bad: "? bad",
  stale: "? stale",
  planKinds: { mining_face: "Mining", driving_face: "Driving", demonstration_mine: "Mines" },
  units: {
    河南能源化工集团: "Henan Energy",
    中平能化集团: "Zhongping",
    郑煤集团: "Zhengmei",
    神火集团: "Shenhuo",
    中煤河南分公司: "ChinaCoal",
    郑州市: "Zhengzhou City",
    合计: "Total",
  },
  online: "online",
  offline: "offline",
  spans: {
    none: "—",
    underMinute: "<1 min",
    seconds: (n) => `${n} s`,
    minutes: (n) => `${n} min`,
    hours: (n) => `${n} h`,
    days: (n) => `${n} d`,
  },
};

/** The language asked for in the address; Chinese unless English is. */
export function langOf(address) {
  return address.searchParams.get("lang") === "en" ? "en" : "zh";
}

/** The shared words of a language with a page's own, `{zh, en}`. */
export function wordsFrom(lang, own = { zh: {}, en: {} }) {
  return lang === "en" ? { ...en, ...own.en } : { ...zh, ...own.zh };
}
