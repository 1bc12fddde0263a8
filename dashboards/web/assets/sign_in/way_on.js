// Where to go after signing in: only ever to a page of this centre.

/**
 * The local path that an address names as `next`; the home page where it names none, or one elsewhere. The place within
 * the page is the address's own where `next` has none: the centre, who sent one here, never hears of it.
 */
export function wayOn(address) {
  const wanted = address.searchParams.get("next") ?? "/";
  const next = URL.canParse(wanted, address.origin) ? new URL(wanted, address.origin) : null;
  if (next === null || !wanted.startsWith("/") || next.origin !== address.origin || next.pathname === "/sign-in") return "/";
  if (next.pathname.startsWith("//")) return "/"; // "/.//elsewhere" is a path here, and as an address another host
  return next.pathname + next.search + (next.hash || address.hash);
}

/** The language of the page that was wanted, where this one names none. */
export function langWanted(address) {
  return address.searchParams.get("lang") ?? new URL(wayOn(address), address.origin).searchParams.get("lang");
}
