// Tests wait for conditions. The time given is a safety net that names what never came; nothing is asserted about it.
import { setTimeout as pause } from "node:timers/promises";

/** Asks again and again until `probe` gives something true, and returns it. An error of the probe counts as "not yet". */
export async function until(what, probe, withinMs = 20_000) {
  const end = Date.now() + withinMs;
  let last;
  for (;;) {
    try {
      const found = await probe();
      if (found) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${withinMs / 1000} s for ${what}${last ? `; last: ${last.message}` : ""}`, { cause: last });
    }
    await pause(20);
  }
}

/** A promise that fails with the name of what never came. */
export function within(what, promise, withinMs = 20_000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${withinMs / 1000} s for ${what}`)), withinMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
