// Many conversations at an open card, each from a network of its own, and the clock moved on so that budgets do not stop what is
// to be measured.
import { atCard } from "./lookup.mjs";

const MINUTE = 60_000;

/** How many conversations are opened at the same moment. */
const ABREAST = 6;
/** For how many rounds a visitor's cookie lives, a round being a bit more than an hour. */
const ROUNDS = 20;

/** `size` conversations; `next()` gives one after the other, and moves the clock on an hour when all were used. */
export class Crowd {
  constructor(edge, { agent, size }) {
    Object.assign(this, { edge, agent, size, members: [], at: 0, rounds: 0 });
  }

  async next() {
    if (this.at === this.members.length) await this.refill();
    this.at += 1;
    return this.members[this.at - 1];
  }

  async refill() {
    if (this.members.length > 0) await this.edge.later(61 * MINUTE);
    if (this.members.length === 0 || this.rounds === ROUNDS) {
      await this.leave();
      let left = this.size;
      const fill = async () => {
        while (left > 0) {
          left -= 1;
          this.members.push(await atCard(this.edge, { agent: this.agent }));
        }
      };
      await Promise.all(Array.from({ length: ABREAST }, fill));
      this.rounds = 0;
    }
    this.rounds += 1;
    this.at = 0;
  }

  async leave() {
    await Promise.all(this.members.map(({ visitor }) => visitor.leave()));
    this.members = [];
  }
}

/** Milliseconds that a request took, and its answer. */
export async function timed(ask) {
  const began = performance.now();
  const answer = await ask();
  return { took: performance.now() - began, answer };
}
