// Where to go after signing in: only ever to a page of this centre.

/** The local path that an address names as `next`; the home page where it names none, or one elsewhere. */
export function wayOn(address) {
  const wanted = address.searchParams.get("next") ?? "/";
  const next = URL.canParse(wanted, address.origin) ? new URL(wanted, address.origin) : null;
  if (next === null || !wanted.startsWith("/") || next.origin !== address.origin || next.pathname === "/sign-in") return "/";
  return next.pathname + next.search + next.hash;
}

/** The language of the page that was wanted, where this one names none. */
export function langWanted(address) {
  return address.searchParams.get("lang") ?? new URL(wayOn(address), address.origin).searchParams.get("lang");
}
