// Somebody who guesses a few times at each of many identities, from as many networks.
import { openChallenge, wrongCodes } from "./race.mjs";

/** How many identities are sprayed at the same moment. */
const ABREAST = 6;

/** Guesses `guesses` times at each of `identities`; says how many guesses were evaluated. `each` is called after every identity. */
export async function spray(edge, { agent, from = 0, identities, guesses, each = async () => {} }) {
  const all = Array.from({ length: identities }, (_, index) => `sprayed${from + index}@example.com`);
  let evaluated = 0;
  const one = async () => {
    for (let to = all.shift(); to; to = all.shift()) {
      const { visitor, card, code } = await openChallenge(edge, to, { agent });
      for (const wrong of wrongCodes(code, guesses)) await visitor.verify(card, wrong);
      // Not `evaluated += await …`: what the others add in the meantime would be lost.
      const more = await edge.evaluated(visitor.conversation);
      evaluated += more;
      await visitor.leave();
      await each(to, code);
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, one));
  return evaluated;
}
