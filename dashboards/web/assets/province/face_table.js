// Faces with what their last shifts show, and the way down to the shifts.

import { make } from "../common/element.js";
import { Table } from "../common/table.js";
import { stack } from "./charts.js";
import { performanceMark } from "./marks.js";

/** The parts of a tally. */
export function tallyParts({ within, exceeded, no_verdict: open }, words) {
  return [
    { count: within, tone: "within", word: words.verdicts.within },
    { count: exceeded, tone: "over", word: words.verdicts.exceeded },
    { count: open, tone: "unknown", word: words.verdicts.no_verdict },
  ];
}

/** A tally as a bar with its figures. */
export function tallyBar(tally, words) {
  const parts = tallyParts(tally, words);
  if (parts.every(({ count }) => count === 0)) return make("span", "label", words.noData);
  return make("span", "with-bar", parts.map(({ count }) => count).join(" / "), stack(parts));
}

/** A table of faces of the evidence. */
export function faceTable(desk, caption, { hidden = [] } = {}) {
  const { words } = desk;
  const columns = [
    {
      key: "face",
      title: words.evidence.face,
      show: ({ face }) => faceLink(face, desk),
      value: ({ face }) => face.title,
    },
    {
      key: "mine",
      title: words.mine,
      show: ({ face }) => desk.link(face.mine, "mine", face.mine),
      value: ({ face }) => face.mine,
    },
    {
      key: "enterprise",
      title: words.unit,
      show: ({ face }) => desk.unitText(face.enterprise),
      value: ({ face }) => face.enterprise,
    },
    {
      key: "kind",
      title: words.list.kind,
      show: ({ face }) => words.kinds[face.kind],
      value: ({ face }) => words.kinds[face.kind],
    },
    {
      key: "accepted",
      title: words.evidence.accepted,
      show: ({ face }) => face.accepted_on ?? words.evidence.notAccepted,
      value: ({ face }) => face.accepted_on,
    },
    {
      key: "performance",
      title: words.evidence.performance,
      show: (row) => performanceMark(row.performance, words),
      value: (row) => words.evidence.states[row.performance],
    },
    {
      key: "tally",
      title: words.evidence.tally,
      show: (row) => tallyBar(row.tally, words),
      value: (row) => row.tally.exceeded,
      csv: false,
    },
    { key: "why", title: words.evidence.why, show: (row) => row.why[words.lang], sort: false },
    {
      key: "project",
      title: words.list.project,
      show: ({ face }) => (face.project === null ? words.spans.none : desk.link(face.project, "project", face.project)),
      value: ({ face }) => face.project,
    },
  ];
  return new Table(
    words,
    columns.filter(({ key }) => !hidden.includes(key)),
    { caption, key: ({ face }) => `${face.mine}/${face.face}` },
  );
}

/** To the shifts of a face, where the centre watches it. */
export function faceLink({ title, mine_code: code, face }, desk) {
  return code === null ? make("span", "", title) : desk.link(title, "face", code, face);
}
