// Which layout so many faces and chambers get on the wall; a column (phone, narrow window) shows all of it.

/** The same words as the style sheets' media attributes in index.html. */
export const WALL = "(min-width: 1100px) and (min-aspect-ratio: 5/4)";

const FACES_MAX = 12;
const CHAMBERS_MAX = 20;

/**
 * form: the tiles' inner order; columns, rows: of tiles on a page; chamberForm: card, double or single lines;
 * crowded: no strip below the faces, so plan and links take turns with the chambers.
 */
export function layoutFor(faces, chambers, onWall) {
  const crowded = onWall && faces > 6;
  return {
    crowded,
    ...tiling(Math.min(faces, FACES_MAX)),
    chamberForm: chambers <= 3 ? "card" : chambers <= 9 ? "double" : "single",
    facesPerPage: onWall ? FACES_MAX : Infinity,
    chambersPerPage: onWall ? CHAMBERS_MAX : Infinity,
    linksPerPage: onWall ? (crowded ? 3 : 4) : Infinity,
  };
}

function tiling(faces) {
  if (faces <= 2) return { form: "full", columns: Math.max(1, faces), rows: 1 };
  if (faces === 3) return { form: "tall", columns: 3, rows: 1 };
  if (faces === 4) return { form: "wide", columns: 2, rows: 2 };
  if (faces <= 6) return { form: "compact", columns: 3, rows: 2 };
  return { form: "compact", columns: 4, rows: Math.ceil(faces / 4) };
}
