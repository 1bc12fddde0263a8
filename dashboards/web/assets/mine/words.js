// The words of the mine pages, Chinese and English: what all of them share, the overview and faces.

import { wordsFrom } from "../common/words.js";
import * as chamber from "./chamber_words.js";
import * as watch from "./watch_words.js";

const zh = {
  placeNames: { overview: "概览", alarms: "报警", trends: "曲线", gateways: "网关" },
  facts: { shift: "当前班次", alarms: "报警", gateways: "网关", delivered: "数据完整" },
  waitingAlarms: (waiting, open) => `待确认 ${waiting} · 未结束 ${open}`,
  faces: "工作面",
  chambers: "机房硐室",
  visited: (span) => `上次巡检 ${span}前`,
  silent: (span) => `与采集中心的连接中断 ${span}，以下是中断前的内容`,
  siblings: { face: "工作面", chamber: "硐室" },
  parts: {
    strip: "近 30 天各班",
    records: "班次记录",
    personsNow: "此刻在面上",
    why: "结论的依据",
    persons: "本班进面人员",
    revisions: "修订",
  },
  faceTold: (face) =>
    [
      { mining_face: "采煤面", driving_face: "掘进面" }[face.kind],
      face.intelligent ? "智能化" : "非智能化",
      `限员 ${face.limit} 人`,
    ].join(" · "),
  shiftTold: (shift, word, record) =>
    `${shift.on} ${shift.name} ${word}${record?.headcount_max == null ? "" : `，持续最多 ${record.headcount_max} 人`}`,
  runningShift: "进行中",
  noRecord: "无记录",
  beforeRecords: "记录开始之前",
  headcount: "人数",
  headcountOf: (shift) => `${shift} 人数`,
  readout: (at, headcount, from, to) =>
    `${at}　${headcount === null ? "人数未知" : `${headcount} 人`}　${from}–${to}`,
  readoutHint: "移动指针或按方向键查看各时刻人数",
  legend: { steps: "人数", limit: "限员", statutory: "法定限员", excess: "超员", handover: "交接班", blind: "未知" },
  seconds: (n) =>
    n === 0
      ? "0"
      : n < 100
        ? `${Math.round(n)} 秒`
        : n < 6000
          ? `${(n / 60).toFixed(1)} 分`
          : chamber.zh.hoursShort(n),
  personHours: (n) => `${n.toFixed(1)} 人·时`,
  unproven: "无法判定",
  figureNames: {
    headcount_max: "持续最多",
    headcount_max_handover: "交接班最多",
    over_limit_s: "超员时间",
    first_over_at: "首次超员",
    distinct_persons: "进面人员",
    person_hours: "在面工时",
    statutory_limit: "法定限员",
    statutory_over_s: "超法定时间",
    major_hazard: "重大隐患",
    coverage: "数据完整（全班）",
    coverage_judged: "数据完整（评定部分）",
    revision: "修订",
  },
  revisionTold: (revision, final) => `第 ${revision} 版${final ? " · 定稿" : ""}`,
  reasonTold: (record, face, running) => {
    if (running && record.reason === "maintenance")
      return `检修班进行中，不按 ${record.limit} 人考核；法定限员仍然适用。`;
    if (running)
      return record.headcount_max === null
        ? "本班进行中，评定部分还没有持续人数。"
        : `本班进行中；到目前为止持续最多 ${record.headcount_max} 人，限员 ${record.limit} 人。`;
    return {
      within: () => `评定部分的数据足够，持续人数从未超过 ${record.limit} 人。`,
      sustained: () =>
        `评定部分内人数持续 ${face.sustain_s} 秒以上达到 ${record.headcount_max} 人，超过 ${record.limit} 人。`,
      cumulative: () =>
        `评定部分内超过 ${record.limit} 人累计 ${Math.round(record.over_limit_s / 60)} 分，达到 ${face.over_total_s / 60} 分。`,
      too_short: () => `评定部分短于 ${face.sustain_s} 秒，不能下结论。`,
      coverage: () =>
        `评定部分只有 ${(100 * (record.coverage_judged ?? 0)).toFixed(1)} % 的时间有数据，不足 ${100 * face.coverage_min} %，不能下结论。`,
      fragmented: () => `数据零碎：没有一段已知人数持续 ${face.sustain_s} 秒，不能下结论。`,
      maintenance: () => "检修班不按 9 人考核；法定限员仍然适用。",
      not_intelligent: () => "非智能化工作面不按 9 人考核；法定限员仍然适用。",
    }[record.reason ?? "within"]();
  },
  toBeRevised: "有迟到的数据，本班将重新评定；下面的图和依据按目前入库的数据。",
  morePieces: (n) => `另有 ${n} 段未列出`,
  lasted: "时长",
  partHead: "时段",
  whyHead: "说明",
  shiftParts: { handover: "交接班", judged: "评定部分" },
  whys: {
    unknown: "未知",
    over_limit: "超过限员",
    over_statutory: "超过法定限员",
    sustained_run: "持续人数的依据",
  },
  card: "卡（化名）",
  post: "职务",
  firstSeen: "进面",
  lastSeen: "最后",
  dwell: "停留",
  countedHead: "计入",
  counted: (counted, exempt) => (counted ? "计入" : exempt ? "免计职务，停留未到" : "停留未到"),
  shiftHead: "班次",
  verdictHead: "结论",
  recordedAt: "记录时间",
  finalHead: "定稿",
  mineLabel: "煤矿",
  chooseMine: "选择煤矿",
  empty: {
    noRows: ["库中没有这段时间的数据", "接入之前的班次没有记录；网关补传后会自动评定。"],
    noPieces: ["没有超员，也没有未知时间", ""],
    noCards: ["没有人员卡数据", "工作面的人数来自人数测点；接入人员卡后列出进面人员。"],
    nobody: ["本班无人进面", ""],
    nobodyNow: ["此刻无人，或人数未知", ""],
    notEnded: ["本班尚未结束", "结束后记录第一版；之后的数据改变结论时记录新的一版。"],
    notRecorded: ["本班没有记录", "评定以入库的数据为准。"],
    noRevisions: (n) => [`目前是第 ${n} 版`, "更早的版本没有保留。"],
    noMine: ["没有煤矿", "请在采集中心的配置里登记煤矿。"],
    unknownMine: ["没有这个煤矿，或无权查看", "请选择下面的煤矿。"],
    unreachable: ["采集中心没有应答", "请检查采集中心是否在运行；恢复后自动显示。"],
    noFaces: ["没有登记工作面", "请在配置的 [[mines.faces]] 里登记。"],
    noChambers: ["没有登记机房硐室", "请在配置的 [[mines.chambers]] 里登记。"],
    nowhere: ["没有这一页", "请从上面的栏目进入。"],
  },
};

const en = {
  placeNames: { overview: "Overview", alarms: "Alarms", trends: "Trends", gateways: "Gateways" },
  facts: { shift: "Shift", alarms: "Alarms", gateways: "Gateways", delivered: "Delivered" },
  waitingAlarms: (waiting, open) => `${waiting} to acknowledge · ${open} open`,
  faces: "Faces",
  chambers: "Chambers",
  visited: (span) => `last visit ${span} ago`,
  silent: (span) => `The centre has not been heard for ${span}; this is what it said last`,
  siblings: { face: "Face", chamber: "Chamber" },
  parts: {
    strip: "Shifts of the last 30 days",
    records: "Shift records",
    personsNow: "In the face now",
    why: "What decided it",
    persons: "People of this shift",
    revisions: "Revisions",
  },
  faceTold: (face) =>
    [
      { mining_face: "Mining face", driving_face: "Driving face" }[face.kind],
      face.intelligent ? "intelligent" : "not intelligent",
      `limit ${face.limit}`,
    ].join(" · "),
  shiftTold: (shift, word, record) =>
    `${shift.on} ${shift.name}: ${word}${record?.headcount_max == null ? "" : `, at most ${record.headcount_max} sustained`}`,
  runningShift: "Running",
  noRecord: "No record",
  beforeRecords: "Before records began",
  headcount: "Headcount",
  headcountOf: (shift) => `Headcount of ${shift}`,
  readout: (at, headcount, from, to) =>
    `${at}   ${headcount === null ? "unknown" : headcount === 1 ? "1 person" : `${headcount} people`}   ${from}–${to}`,
  readoutHint: "Point at the chart, or use the arrow keys, for the headcount of any instant",
  legend: {
    steps: "headcount",
    limit: "limit",
    statutory: "law's limit",
    excess: "above the limit",
    handover: "handover",
    blind: "unknown",
  },
  seconds: (n) =>
    n === 0
      ? "0"
      : n < 100
        ? `${Math.round(n)} s`
        : n < 6000
          ? `${(n / 60).toFixed(1)} min`
          : chamber.en.hoursShort(n),
  personHours: (n) => `${n.toFixed(1)} person-hours`,
  unproven: "cannot be told",
  figureNames: {
    headcount_max: "Highest sustained",
    headcount_max_handover: "Highest in handover",
    over_limit_s: "Time over",
    first_over_at: "First over",
    distinct_persons: "Persons",
    person_hours: "Work time",
    statutory_limit: "Law's limit",
    statutory_over_s: "Over the law's",
    major_hazard: "Major hazard",
    coverage: "Known, whole shift",
    coverage_judged: "Known, judged part",
    revision: "Revision",
  },
  revisionTold: (revision, final) => `${revision}${final ? ", final" : ""}`,
  reasonTold: (record, face, running) => {
    if (running && record.reason === "maintenance")
      return `A maintenance shift, running: not judged by the limit of ${record.limit}; the law's limit holds all the same.`;
    if (running)
      return record.headcount_max === null
        ? "Running; in the judged part nothing was sustained yet."
        : `Running; so far ${record.headcount_max} at most for ${face.sustain_s} s, limit ${record.limit}.`;
    return {
      within: () =>
        `Enough is known of the judged part, and never more than ${record.limit} stayed for ${face.sustain_s} s.`,
      sustained: () =>
        `In the judged part ${record.headcount_max} stayed for ${face.sustain_s} s or longer; the limit is ${record.limit}.`,
      cumulative: () =>
        `In the judged part it was above ${record.limit} for ${Math.round(record.over_limit_s / 60)} min in all; ${face.over_total_s / 60} min are too much.`,
      too_short: () => `The judged part is shorter than ${face.sustain_s} s: no verdict.`,
      coverage: () =>
        `Only ${(100 * (record.coverage_judged ?? 0)).toFixed(1)} % of the judged part is known, less than ${100 * face.coverage_min} %: no verdict.`,
      fragmented: () => `Fragmented data: no known headcount lasted for ${face.sustain_s} s: no verdict.`,
      maintenance: () => "A maintenance shift is not judged by the nine; the law's limit holds all the same.",
      not_intelligent: () =>
        "A face that is not intelligent is not judged by the nine; the law's limit holds all the same.",
    }[record.reason ?? "within"]();
  },
  toBeRevised:
    "Late data has come and the shift will be judged again; what is below is by the data stored now.",
  morePieces: (n) => `${n} more stretches are not listed`,
  lasted: "Lasted",
  partHead: "Part",
  whyHead: "Why it matters",
  shiftParts: { handover: "handover", judged: "judged part" },
  whys: {
    unknown: "unknown",
    over_limit: "over the limit",
    over_statutory: "over the law's limit",
    sustained_run: "made the sustained headcount",
  },
  card: "Card (pseudonym)",
  post: "Post",
  firstSeen: "Came",
  lastSeen: "Last seen",
  dwell: "Stayed",
  countedHead: "Counted",
  counted: (counted, exempt) => (counted ? "counted" : exempt ? "exempt post, too short" : "too short"),
  shiftHead: "Shift",
  verdictHead: "Verdict",
  recordedAt: "Recorded at",
  finalHead: "Final",
  mineLabel: "Mine",
  chooseMine: "Choose a mine",
  empty: {
    noRows: [
      "Nothing is stored of this time",
      "Shifts before the mine was connected have no record; what gateways fill in is judged by itself.",
    ],
    noPieces: ["Never over the limit, and nothing unknown", ""],
    noCards: ["No cards", "The headcount comes from a point; people are listed once cards are connected."],
    nobody: ["Nobody came in this shift", ""],
    nobodyNow: ["Nobody is there, or it is not known", ""],
    notEnded: [
      "The shift has not ended",
      "Then comes the first revision, and another one whenever data changes it.",
    ],
    notRecorded: ["There is no record of this shift", "It is judged by what is stored."],
    noRevisions: (n) => [`This is revision ${n}`, "Earlier ones were not kept."],
    noMine: ["No mine yet", "Name one in the centre's config."],
    unknownMine: ["No such mine, or not yours to see", "Choose one of these."],
    unreachable: ["The centre does not answer", "See whether it runs; this page comes back by itself."],
    noFaces: ["No face is named", "Name them in the config's [[mines.faces]]."],
    noChambers: ["No chamber is named", "Name them in the config's [[mines.chambers]]."],
    nowhere: ["There is no such page", "Choose one above."],
  },
};

/** The words of a language. */
export function wordsOf(lang) {
  const sets = lang === "en" ? [en, chamber.en, watch.en] : [zh, chamber.zh, watch.zh];
  const all = Object.assign({}, ...sets);
  for (const key of ["parts", "empty"]) all[key] = Object.assign({}, ...sets.map((set) => set[key]));
  return wordsFrom(lang, { zh: all, en: all });
}
