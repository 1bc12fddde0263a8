// Instants and spans as people read them. Instants are milliseconds since 1970, screens show Asia/Shanghai.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const inChina = (options) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", hourCycle: "h23", ...options });

const toSecond = inChina({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const toMinute = inChina({ hour: "2-digit", minute: "2-digit" });
const monthDay = inChina({ month: "2-digit", day: "2-digit" });
const toDay = inChina({ year: "numeric", month: "2-digit", day: "2-digit" });

/** Milliseconds of an ISO instant, null of null. */
export function instant(iso) {
  return iso === null || iso === undefined ? null : Date.parse(iso);
}

/** `13:46:08` */
export function clockText(at) {
  return toSecond.format(at);
}

/** `13:46`; with the day, `10-31 13:46`, when that is more than 20 hours from `now`. */
export function timeText(at, now = at) {
  const time = toMinute.format(at);
  if (Math.abs(now - at) < 20 * HOUR) return time;
  const [day, month] = monthDay.format(at).split("/");
  return `${month}-${day} ${time}`;
}

/** `2022-10-31` */
export function dayText(at) {
  return toDay.format(at).split("/").reverse().join("-");
}

/** `2022-10-31 13:46` */
export function stampText(at) {
  return `${dayText(at)} ${toMinute.format(at)}`;
}

/** The instant at which a day begins; NaN where the text is none. */
export function fromDayText(text) {
  return Date.parse(`${text}T00:00:00+08:00`);
}

/** The instant of `2022-10-31T13:46`, as an input field gives it; NaN where the text is none. */
export function fromStampText(text) {
  return Date.parse(`${text}${text.length === 16 ? ":00" : ""}+08:00`);
}

/** How long a state lasts: `15 分`, `3.2 时`, `12 时`, `4 天`; never more than three digits. */
export function spanText(from, now, { spans }) {
  if (from === null) return spans.none;
  const ms = Math.max(0, now - from);
  if (ms < MINUTE) return spans.underMinute;
  if (ms < 100 * MINUTE) return spans.minutes(Math.floor(ms / MINUTE));
  if (ms < 10 * HOUR) return spans.hours((Math.floor(ms / (HOUR / 10)) / 10).toFixed(1));
  if (ms < 2 * DAY) return spans.hours(Math.floor(ms / HOUR));
  return spans.days(Math.floor(ms / DAY));
}

/** How old data is, to the second while it is young. */
export function ageText(at, now, words) {
  if (at === null || now - at >= 100 * SECOND) return spanText(at, now, words);
  return words.spans.seconds(Math.max(0, Math.floor((now - at) / SECOND)));
}

/** Time left, `2:14` in hours and minutes, rounded up so that `0:00` means over. */
export function leftText(until, now) {
  const minutes = Math.max(0, Math.ceil((until - now) / MINUTE));
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}
