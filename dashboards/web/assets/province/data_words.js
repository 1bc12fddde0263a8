// The words of data entry, import and the audit log, Chinese and English.

const zh = {
  data: {
    title: "填报", note: "不删除，只关闭；每次修改都有记录。", first: "项目与验收", others: "其他表", rows: "各行", row: "填写",
    must: "*", blank: "（空）", search: "查找", closed: "含已关闭", more: "行数过多，只列出前一部分：请导出查看。", state: "状态", stands: "有效",
    closedOn: (day) => `已于 ${day} 关闭`,
    add: "添加", new: (table) => `添加：${table}`, save: "保存", saved: "已保存。", nothing: "没有改动。",
    why: "修改原因", whyNote: "写入修改记录，如：验收文件〔2022〕12 号", noWhy: "请填写修改原因。",
    at: (name, said) => `${name}：${said}`, lacking: "必须填写。", lackingAll: (count) => `有 ${count} 处必须填写。`,
    close: "关闭", reopen: "重新启用", reopened: "已重新启用。", noDay: "请填写从哪一天起关闭。",
    readOnly: "您只能查看，不能修改。", notYours: "本表由主管部门填写。",
    column: "列", read: "您读到的", theirs: "他人改为", yours: "您改为", same: "未改", keepMine: "保留我的修改并保存", takeTheirs: "放弃我的修改",
    conflict: (who, why) => `您填写期间，${who} 已修改此行${why ? `（${why}）` : ""}。请比较后决定。`,
    tables: {},
  },
  history: {
    title: "修改记录", blank: "（空）",
    actions: { add: "新增", change: "修改", close: "关闭", reopen: "重新启用", demo: "建立演示库" },
    cells: (count) => `${count} 项内容`,
  },
  audit: {
    title: "修改记录（全部）", head: (number, seal) => `共 ${number} 条，末条封签 ${seal}…；请把它记在别处，以后可用来核对。`,
    check: "核对记录是否完好", holds: (number) => `${number} 条记录完好，数据与之一致。`, newer: "较新的", older: "较早的",
    number: "序号", at: "时间", who: "修改人", action: "操作", table: "表", row: "行", cells: "改动", why: "原因",
  },
  imports: {
    title: "导入导出", files: "下载", take: "导入登记表",
    template: "空白登记表（xlsx）", export: "全部数据（xlsx）", projects: "项目表（csv）",
    filesNote: "空白登记表带中文列名、批注和下拉选项。项目表可用于离线命令。",
    file: "文件", fileNote: "xlsx（整份登记表）或 csv（一张表，UTF-8 或 GBK）", table: "csv 的表",
    check: "检查（不写入）", apply: "写入", noFile: "请选择文件。", tooLarge: "文件超过 16 MB。", checking: "正在检查…", taking: "正在写入…",
    checked: ({ added, changed, unchanged }) => `没有错误：将新增 ${added} 行，修改 ${changed} 行，${unchanged} 行不变。尚未写入。`,
    taken: ({ added, changed, unchanged }) => `已写入：新增 ${added} 行，修改 ${changed} 行，${unchanged} 行不变。`,
    faults: (count) => `${count} 处错误，一行也没有写入。请在文件中改正后重新检查。`,
    faultList: "错误清单", line: "行", sheet: "表", column: "列", mend: "错误与改法", whole: "整表",
  },
};

const en = {
  data: {
    title: "Data entry", note: "Nothing is deleted, only closed; every change is recorded.", first: "Projects and acceptances", others: "Other tables", rows: "Rows", row: "Fill in",
    must: "*", blank: "(blank)", search: "Find", closed: "closed ones too", more: "More rows than are listed here: export them to see all.", state: "State", stands: "stands",
    closedOn: (day) => `closed on ${day}`,
    add: "Add", new: (table) => `Add: ${table}`, save: "Save", saved: "Saved.", nothing: "Nothing was changed.",
    why: "Why", whyNote: "Goes into the audit log, as: acceptance paper 2022-12", noWhy: "Say why you change it.",
    at: (name, said) => `${name}: ${said}`, lacking: "Must be filled in.", lackingAll: (count) => (count === 1 ? "1 field must be filled in." : `${count} fields must be filled in.`),
    close: "Close", reopen: "Reopen", reopened: "Reopened.", noDay: "Say from which day on.",
    readOnly: "You may look, but not change.", notYours: "This table is for the authority to fill in.",
    column: "Column", read: "As you read it", theirs: "Theirs", yours: "Yours", same: "as it was", keepMine: "Keep my changes and save", takeTheirs: "Give mine up",
    conflict: (who, why) => `While you filled this in, ${who} changed the row${why ? ` (${why})` : ""}. Compare, then decide.`,
    tables: {
      cities: "Cities", enterprises: "Enterprises", aliases: "Aliases of enterprises", mines: "Mines", mine_years: "Mines, yearly figures",
      province_years: "Province, yearly figures", projects: "Projects", faces: "Faces", chambers: "Chambers and large machines", declarations: "Declared levels of chambers",
      gateways: "Gateways", shifts: "Shift calendars", acceptances: "Acceptances", payments: "Payments", filings: "Plans filed", robots: "Robots",
    },
  },
  history: {
    title: "Changes", blank: "(blank)",
    actions: { add: "added", change: "changed", close: "closed", reopen: "reopened", demo: "made the demo registry" },
    cells: (count) => (count === 1 ? "1 cell" : `${count} cells`),
  },
  audit: {
    title: "All changes", head: (number, seal) => `${number} entries, the last one sealed ${seal}…; note it elsewhere to check by it later.`,
    check: "Check whether the log holds", holds: (number) => `All ${number} entries hold, and the data is what they say.`, newer: "Newer", older: "Older",
    number: "No.", at: "When", who: "Who", action: "Did", table: "Table", row: "Row", cells: "From → to", why: "Why",
  },
  imports: {
    title: "Import and export", files: "Files", take: "Take a workbook in",
    template: "Empty workbook (xlsx)", export: "All data (xlsx)", projects: "Projects (csv)",
    filesNote: "The empty workbook has headings, notes and lists to choose from. The projects are for the offline commands.",
    file: "File", fileNote: "xlsx (the workbook) or csv (one table, UTF-8 or GBK)", table: "Table of the csv",
    check: "Check (writes nothing)", apply: "Take in", noFile: "Choose a file.", tooLarge: "The file is larger than 16 MB.", checking: "Checking…", taking: "Taking in…",
    checked: ({ added, changed, unchanged }) => `No faults: ${added} rows would be added, ${changed} changed, ${unchanged} stay. Nothing is written yet.`,
    taken: ({ added, changed, unchanged }) => `Taken in: ${added} rows added, ${changed} changed, ${unchanged} stayed.`,
    faults: (count) => `${count === 1 ? "1 fault" : `${count} faults`}; nothing was written. Mend the file and check again.`,
    faultList: "Faults", line: "Row", sheet: "Table", column: "Column", mend: "What is wrong, and the mend", whole: "all",
  },
};

export const dataWords = { zh, en };
