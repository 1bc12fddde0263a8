// The words of the wall; those that other pages use too are in common/words.js.

import { wordsFrom } from "../common/words.js";

const zh = {
  completeness: "数据完整",
  gatewaysOnline: "网关",
  clock: "中心时间",
  turn: { pause: "暂停翻页", resume: "继续翻页" },
  faces: "采掘工作面",
  headcount: "在面人数",
  limit: "限员",
  overStatutory: "超法定限员",
  trend: (from, to) => `${from} 至 ${to} 在面人数变化`,
  soFar: "本班至今",
  record: { verdict: "本班", highest: "最高", over: "超限", coverage: "完整" },
  chambers: "机房硐室",
  lastVisit: (time) => `上次巡检 ${time}`,
  plan: "计划进度",
  planCorner: (year) => `验收/计划 至 ${year}`,
  planSummary: (asOf) => `智能化建设项目验收数与计划数，截至 ${asOf}`,
  lagging: "滞后",
  notPlanned: "无计划",
  links: "网关",
  linkHeads: { age: "数据", delivered: "到齐", latency: "延迟" },
  outage: "数据中断",
  outageSince: (time) => `自 ${time}`,
  outageHelp: "正在重新连接",
  empty: {
    connecting: ["正在连接中心…", ""],
    unreachable: ["中心没有应答", "请检查网络和中心服务，本页会自动重试"],
    noMine: ["还没有矿井", "请先在登记库中登记矿井，本页会自动刷新"],
    unknownMine: ["没有这个矿井", "请检查网址中的 mine 编码"],
    faces: ["还没有工作面", "请在登记库中登记采掘工作面及其人数测点"],
    chambers: ["还没有机房硐室", "请在登记库中登记"],
    links: ["还没有网关", "请在登记库中登记网关并启动采集端"],
    plan: ["没有计划数据", "请导入项目库，稍后自动重试"],
  },
  changed: (name, state, figure) => [name, state, figure].filter(Boolean).join(" "),
  titleCounts: (bad, blind) => `${bad ? `▲${bad} ` : ""}${blind ? `?${blind} ` : ""}`,
};

const en = {
  completeness: "Data",
  gatewaysOnline: "Links",
  clock: "Time at the centre",
  turn: { pause: "Pause paging", resume: "Resume paging" },
  faces: "Mining and driving faces",
  headcount: "Headcount",
  limit: "limit",
  overStatutory: "statutory",
  trend: (from, to) => `headcount from ${from} to ${to}`,
  soFar: "This shift so far",
  record: { verdict: "Shift", highest: "Max", over: "Over", coverage: "Data" },
  chambers: "Chambers",
  lastVisit: (time) => `patrol ${time}`,
  plan: "Plan",
  planCorner: (year) => `Accepted/plan ${year}`,
  planSummary: (asOf) => `Projects accepted against the plan, as of ${asOf}`,
  lagging: "lagging",
  notPlanned: "none planned",
  links: "Gateway",
  linkHeads: { age: "Data", delivered: "Stored", latency: "Delay" },
  outage: "No connection",
  outageSince: (time) => `since ${time}`,
  outageHelp: "reconnecting",
  empty: {
    connecting: ["Connecting to the centre…", ""],
    unreachable: ["The centre does not answer", "Check the network and the centre; this page keeps trying"],
    noMine: ["No mine yet", "Register one; this page will notice"],
    unknownMine: ["No such mine", "Check the mine code in the address"],
    faces: ["No face yet", "Register the mining and driving faces and their headcount points"],
    chambers: ["No chamber yet", "Register them"],
    links: ["No gateway yet", "Register one and start its agent"],
    plan: ["No plan figures", "Import the projects; this page keeps trying"],
  },
  changed: zh.changed,
  titleCounts: zh.titleCounts,
};

/** The words of a language; Chinese unless English is asked for. */
export function wordsOf(lang) {
  return wordsFrom(lang, { zh, en });
}
