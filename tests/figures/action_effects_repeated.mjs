// action_effects_repeated: 500 times `kill -9` around an action with an effect, at a company that does not know
// `Idempotency-Key`; effects beyond the first of what was asked once (tests/rig/effects.mjs). Bar: 0.
import { killAroundActions } from "../rig/effects.mjs";

const { kills, moments, done, repeats, sent, unkeyed } = await killAroundActions({ kills: 500, note: (text) => console.error(text) });
const at = Object.entries(moments).map(([name, count]) => `${count} ${name}`).join(", ");
// Where nothing ever happened, nothing could happen twice.
if (done < kills / 4) throw new Error(`${done} of ${kills} changes happened at all`);
console.log(JSON.stringify({
  value: repeats,
  detail: `${kills} kills of workerd (${at}): ${done} changes happened, ${sent} requests were sent, ${unkeyed} without a key, ${repeats} effects were repeated`,
}));
