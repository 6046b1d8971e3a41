const dayMs = 86_400_000;

/** The UTC day of a moment, in days since 1970. */
export function dayOf(ms: number): number {
  return Math.floor(ms / dayMs);
}

/** The UTC month of a moment, in months since year 0. */
export function monthOf(ms: number): number {
  const date = new Date(ms);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** Seconds until the next UTC day begins, at least one. */
export function secondsUntilNextDay(ms: number): number {
  return Math.ceil(((dayOf(ms) + 1) * dayMs - ms) / 1000);
}

/** Seconds until the next UTC month begins, at least one. */
export function secondsUntilNextMonth(ms: number): number {
  const month = monthOf(ms) + 1;
  return Math.ceil((Date.UTC(Math.floor(month / 12), month % 12) - ms) / 1000);
}

/** A UTC day as `2026-11-20`, so many days before a moment. */
export function dateOf(ms: number, daysBefore = 0): string {
  return new Date(ms - daysBefore * dayMs).toISOString().slice(0, 10);
}
