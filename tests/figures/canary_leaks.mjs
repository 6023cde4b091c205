// canary_leaks: secrets found outside the places written down for them (tests/rig/canary.mjs). Bar: 0.
import { searchForCanaries } from "../rig/canary.mjs";

const { leaks, canaries, searched } = await searchForCanaries({ people: 12 });
for (const leak of leaks) console.error(JSON.stringify(leak));
console.log(JSON.stringify({ value: leaks.length, detail: `${canaries} canaries over 12 logins by code and 12 at the company; searched ${searched}` }));
