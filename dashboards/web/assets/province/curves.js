// Small multiples: how accepted projects grew beside the plan, a picture for each unit and kind, all of the same years.
// Each has its own height, the three years' plan, so that small units can be read beside great ones.

import { make } from "../common/element.js";
import { KINDS, WHOLE, YEARS, countedAs, listOf } from "./counts.js";
import { curve } from "./charts.js";

/** Pictures of these units, row by row; `projects` are those of `/plan/projects`. */
export function curves(progress, projects, units, desk) {
  const { words } = desk;
  return units.flatMap((unit) =>
    KINDS.map((kind) => {
      const rows = progress.rows.filter((row) => row.enterprise === unit && row.kind === kind);
      const steps = YEARS.map((year) => [year, rows.find((row) => row.year === year)?.planned_cumulative ?? 0]);
      const days = projects
        .filter(
          (each) =>
            each.unit === unit &&
            countedAs(each.kind) === kind &&
            each.state === "accepted" &&
            each.accepted_on < `${YEARS.at(-1) + 1}`,
        )
        .map((each) => each.accepted_on);
      const planned = steps.at(-1)[1];
      const listed = (count, measure) => desk.figure(count, ...listOf({ unit }, kind, WHOLE, measure));
      const figures =
        planned || days.length ? [listed(days.length, "accepted"), " / ", listed(planned, "planned")] : [words.plan.none];
      const label = words.overview.curve(desk.unitText(unit), words.plan.kinds[kind], days.length, planned);
      const head = make("figcaption", "", make("span", "label", words.plan.kinds[kind]), make("span", "", ...figures));
      const box = make("figure", "small", head);
      if (planned || days.length) box.append(curve({ days, steps, day: progress.as_of }, label));
      return box;
    }),
  );
}
