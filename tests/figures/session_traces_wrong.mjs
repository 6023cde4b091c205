// session_traces_wrong: visits on which the edge and a small model of session ends disagree, over 10,000 random traces. Bar: 0.
import { walk } from "../rig/traces.mjs";

const WANTED = 10_000;
const { traces, judged, checks, ends, unsure, wrong } = await walk({ traces: WANTED + 500 });
for (const one of wrong.slice(0, 20)) console.error(one);
if (judged < WANTED) throw new Error(`only ${judged} of ${traces} traces could be judged`);
console.log(JSON.stringify({ value: wrong.length, detail: `${judged} traces under 6 settings, ${checks} visits and ${ends} ends compared; ${unsure} traces left off where a few seconds decided` }));
