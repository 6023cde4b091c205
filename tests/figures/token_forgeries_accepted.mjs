// token_forgeries_accepted: forged and mutated tokens that were accepted, and tokens that were accepted where `jose` refuses. Bar: 0.
import { tryForged, tryMutated } from "../rig/forgeries.mjs";

const mutated = await tryMutated();
const forged = await tryForged();
for (const one of [...forged.accepted, ...mutated.accepted, ...mutated.alone].slice(0, 20)) console.error(`accepted: ${one}`);
console.log(JSON.stringify({
  value: forged.accepted.length + mutated.accepted.length + mutated.alone.length,
  detail: `${forged.tried} tokens by HTTP, ${forged.forged} of them forged by hand: ${forged.accepted.length} accepted; ${mutated.mutations} mutated host tokens and cookies before the edge's own functions, built for this machine: ${mutated.accepted.length} accepted; of these and ${mutated.odd} odd ones under the true keys (${mutated.oddAccepted} accepted) jose refuses ${mutated.alone.length} that were accepted; ${mutated.good} good ones passed both`,
}));
