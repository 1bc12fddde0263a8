// One shift of a face: what was recorded, the headcount that it rests on, what decided it, who was there, what it was
// before late data came.

import { make, setHidden, setText } from "../common/element.js";
import { Table } from "../common/table.js";
import { clockText, instant, stampText } from "../common/time.js";
import { percent } from "../common/values.js";
import { Panel } from "../common/panel.js";
import { HeadcountChart, isJudged } from "./headcount_chart.js";
import { Part } from "./part.js";
import { stateLine, verdictLine } from "./state.js";
import { lookOfShift, shiftWord } from "./shift_strip.js";

const PIECES_MAX = 300;

export class ShiftDetail {
  #words;
  #api;
  #panel;
  #chart;
  #notice;
  #reason = make("p", "reason");
  #figures = make("dl", "figures");
  #parts;
  #asked = null;

  constructor(words, api) {
    this.#words = words;
    this.#api = api;
    this.#panel = new Panel(words, "");
    this.#chart = new HeadcountChart(words);
    this.#notice = make("p", "notice", words.toBeRevised);
    this.#parts = {
      why: new Part(words.parts.why, whyTable(words)),
      persons: new Part(words.parts.persons, personsTable(words)),
      revisions: new Part(words.parts.revisions, revisionsTable(words)),
    };
    this.element = this.#panel.element;
  }

  /** Show a shift of a face; asked for anew only where it `mayChange`. */
  show([face, on, name], mayChange) {
    const path = [face, on, name].map(encodeURIComponent);
    if (this.#asked === path.join("/") && !mayChange) return;
    this.#asked = path.join("/");
    this.#panel.ask(`${this.#api}/faces/${path[0]}/shifts/${path[1]}/${path[2]}`, (data) => this.#draw(data));
  }

  #draw(data) {
    const { shift, running, recorded, record, waiting } = data;
    const words = this.#words;
    const kind = words.shiftKinds[shift.kind];
    const time = `${stampText(instant(shift.starts_at))}–${clockText(instant(shift.ends_at)).slice(0, 5)}`;
    const shown = recorded ?? record;
    const line =
      running || shown === null
        ? stateLine(lookOfShift({ record: shown, running }), shiftWord({ record: shown, running }, words))
        : verdictLine(shown, words);
    this.#panel.heading.replaceChildren(
      `${shift.on} ${shift.name} `,
      make("span", "note", `${kind} ${time.slice(11)} `),
      line,
    );
    if (shown === null) return words.empty.noRows;
    this.#chart.show(data);
    setHidden(this.#notice, !(waiting || differs(recorded, record)));
    setText(this.#reason, words.reasonTold(shown, data.face, running));
    this.#figures.replaceChildren(...figures(shown, data, words));
    this.#showParts(data);
    const parts = Object.values(this.#parts).map((part) => part.element);
    return [this.#notice, this.#reason, this.#chart.element, this.#figures, ...parts];
  }

  #showParts({ shift, face, why, persons, revisions, recorded, running }) {
    const { empty, morePieces } = this.#words;
    const more = why.length > PIECES_MAX ? morePieces(why.length - PIECES_MAX) : "";
    const unrevised = running
      ? empty.notEnded
      : recorded === null
        ? empty.notRecorded
        : empty.noRevisions(recorded.revision);
    const pieces = why.slice(0, PIECES_MAX).map((piece) => ({ ...piece, isJudged: isJudged({ shift, face }) }));
    this.#parts.why.show(pieces, empty.noPieces, more);
    this.#parts.persons.show(persons ?? [], persons === null ? empty.noCards : empty.nobody);
    this.#parts.revisions.show(revisions, unrevised);
  }
}

/** Would the record be another one if it were made now? Its revision and being final aside. */
function differs(recorded, record) {
  if (recorded === null || record === null) return false;
  return ["verdict", "reason", "headcount_max", "over_limit_s", "coverage", "distinct_persons"].some(
    (key) => recorded[key] !== record[key],
  );
}

function figures(record, data, words) {
  const { spans, figureNames, seconds } = words;
  const count = (number) => (number === null ? spans.none : words.people(number));
  const clock = (iso) => (iso === null ? spans.none : clockText(instant(iso)));
  const shown = {
    headcount_max: `${count(record.headcount_max)} / ${record.limit}`,
    headcount_max_handover: count(record.headcount_max_handover),
    over_limit_s: seconds(record.over_limit_s),
    first_over_at: clock(record.first_over_at),
    distinct_persons: count(record.distinct_persons),
    person_hours: words.personHours(record.person_minutes / 60),
    statutory_limit: count(record.statutory_limit),
    statutory_over_s: seconds(record.statutory_over_s),
    major_hazard: record.major_hazard === null ? words.unproven : words.truth[record.major_hazard],
    coverage: percent(record.coverage),
    coverage_judged: percent(record.coverage_judged) ?? spans.none,
    revision:
      data.recorded === null ? spans.none : words.revisionTold(data.recorded.revision, data.recorded.final),
  };
  return Object.entries(shown).map(([key, text]) =>
    make("div", "", make("dt", "", figureNames[key]), make("dd", "", text)),
  );
}

function whyTable(words) {
  return new Table(
    words,
    [
      {
        key: "from",
        title: words.from,
        show: ({ from }) => clockText(instant(from)),
        value: ({ from }) => stampText(instant(from)),
      },
      {
        key: "to",
        title: words.to,
        show: ({ to }) => clockText(instant(to)),
        value: ({ to }) => stampText(instant(to)),
      },
      {
        key: "seconds",
        title: words.lasted,
        number: true,
        show: ({ seconds }) => words.seconds(seconds),
        value: ({ seconds }) => seconds,
      },
      {
        key: "headcount",
        title: words.headcount,
        number: true,
        show: ({ headcount }) => headcount ?? "?",
        value: ({ headcount }) => headcount,
      },
      { key: "part", title: words.partHead, show: ({ part }) => words.shiftParts[part] },
      { key: "why", title: words.whyHead, show: ({ why }) => words.whys[why] },
    ],
    { caption: words.parts.why, tone: pieceTone },
  );
}

/** Above the plan's limit in handover, or in a shift that is not judged, breaks no rule. */
function pieceTone({ part, why, isJudged }) {
  if (why === "over_limit") return isJudged && part === "judged" ? "over" : null;
  return { unknown: "unknown", over_statutory: "hazard" }[why] ?? null;
}

function personsTable(words) {
  const clock = (iso) => clockText(instant(iso)).slice(0, 5);
  return new Table(
    words,
    [
      { key: "card", title: words.card, show: ({ card }) => card },
      { key: "post", title: words.post, show: ({ post }) => post || words.spans.none },
      { key: "from", title: words.firstSeen, show: ({ from }) => clock(from) },
      { key: "to", title: words.lastSeen, show: ({ to }) => clock(to) },
      {
        key: "minutes",
        title: words.dwell,
        number: true,
        show: ({ minutes }) => words.seconds(60 * minutes),
        value: ({ minutes }) => minutes,
      },
      {
        key: "counted",
        title: words.countedHead,
        show: ({ counted, exempt }) => words.counted(counted, exempt),
      },
    ],
    { caption: words.parts.persons },
  );
}

function revisionsTable(words) {
  const of = (key, show, more = {}) => ({
    key,
    title: words.figureNames[key],
    show: ({ record }) => show(record),
    value: ({ record }) => record[key],
    ...more,
  });
  return new Table(
    words,
    [
      of("revision", ({ revision }) => revision, { number: true }),
      { key: "recorded_at", title: words.recordedAt, show: ({ recorded_at: at }) => stampText(instant(at)) },
      { key: "verdict", title: words.verdictHead, show: ({ record }) => verdictLine(record, words) },
      of("headcount_max", ({ headcount_max: most }) => most ?? words.spans.none, { number: true }),
      of("over_limit_s", ({ over_limit_s: over }) => words.seconds(over), { number: true }),
      of("distinct_persons", ({ distinct_persons: persons }) => persons ?? words.spans.none, {
        number: true,
      }),
      of("coverage", ({ coverage }) => percent(coverage), { number: true }),
      { key: "final", title: words.finalHead, show: ({ record }) => words.truth[record.final] },
    ],
    { caption: words.parts.revisions },
  );
}
