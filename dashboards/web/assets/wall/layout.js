// Which layout so many faces and chambers get on the wall; a column (phone, narrow window) shows all of it.

/** The same words as the style sheets' media attributes in index.html. */
export const WALL = "(min-width: 1100px) and (min-aspect-ratio: 5/4)";

const FACES_MAX = 12;
const CHAMBERS_MAX = 20;
/** With more of them than this above the key figures, the two take turns. */
const CHAMBERS_OVER_KEYS = 12;

/**
 * form: the tiles' inner order; columns, rows: of tiles on a page; chamberForm: card, double or single lines;
 * crowded: the key figures stand in the side column, below the chambers or (turns) in turns with them;
 * alarmRoom, keyRoom, blindRoom: how many alarms, key figures and lost gateways there is room for.
 */
export function layoutFor(faces, chambers, onWall) {
  const crowded = onWall && faces > 6;
  const tiles = tiling(Math.min(faces, FACES_MAX));
  return {
    crowded,
    turns: crowded && chambers > CHAMBERS_OVER_KEYS,
    ...tiles,
    chamberForm: chamberForm(chambers, crowded),
    facesPerPage: onWall ? FACES_MAX : Infinity,
    chambersPerPage: onWall ? CHAMBERS_MAX : Infinity,
    alarmRoom: onWall ? alarmRoom(tiles, crowded) : Infinity,
    keyRoom: onWall ? (tiles.rows === 1 ? 7 : 6) : Infinity,
    blindRoom: onWall ? 2 : Infinity,
  };
}

function tiling(faces) {
  if (faces <= 2) return { form: "full", columns: Math.max(1, faces), rows: 1 };
  if (faces === 3) return { form: "tall", columns: 3, rows: 1 };
  if (faces === 4) return { form: "wide", columns: 2, rows: 2 };
  if (faces <= 6) return { form: "compact", columns: 3, rows: 2 };
  return { form: "compact", columns: 4, rows: Math.ceil(faces / 4) };
}

function chamberForm(chambers, crowded) {
  if (crowded) return chambers <= 6 ? "double" : "single";
  return chambers <= 3 ? "card" : chambers <= 9 ? "double" : "single";
}

function alarmRoom({ rows }, crowded) {
  if (crowded) return rows === 2 ? 4 : 2;
  return rows === 1 ? 4 : 3;
}
