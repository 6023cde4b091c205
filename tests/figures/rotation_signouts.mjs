// rotation_signouts: people who were signed out while the signing key was rotated under load. Bar: 0.
import { rotate } from "../rig/rotation.mjs";

const { visits, failed, signedOut, restarts, people, oldTried, oldRefused, perSecond, seconds } = await rotate();
// Where the old key still opens, nothing was rotated; where nobody came, nobody could be signed out.
if (oldRefused !== oldTried) throw new Error(`${oldTried - oldRefused} of ${oldTried} tokens of the retired key still open`);
if (visits < 1_000 || seconds < 30) throw new Error(`only ${visits} visits in ${seconds} s`);
console.log(JSON.stringify({ value: signedOut, detail: `${people} people, ${visits} visits in ${seconds} s (${perSecond} a second) over ${restarts} restarts: ${signedOut} signed out, ${failed} visits fell into a restart; all ${oldRefused} tokens of the retired key refused` }));
