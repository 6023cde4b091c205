// Message pumping as it is done: thousands of made-up numbers in many countries, through many conversations and addresses.
import { atCard, phoneAgent, phoneSecrets, startPhone, twilioAccount } from "./phones.mjs";
import { startEdge } from "./edge.mjs";
import { startTwilio } from "./players/twilio.mjs";

/** Mobile ranges by country: calling code, what follows it, and how many digits are drawn. */
const RANGES = [
  ["DE", "49", "1512", 7], ["US", "1", "415555", 4], ["GB", "44", "7400", 6], ["FR", "33", "612", 6], ["ES", "34", "612", 6], ["IT", "39", "347", 7],
  ["NL", "31", "612", 6], ["BE", "32", "470", 6], ["AT", "43", "6641", 6], ["CH", "41", "7812", 5], ["SE", "46", "701", 6], ["NO", "47", "406", 5],
  ["DK", "45", "2012", 4], ["FI", "358", "4123", 5], ["PL", "48", "512", 6], ["PT", "351", "912", 6], ["IE", "353", "850", 6], ["GR", "30", "691", 7],
  ["CZ", "420", "601", 6], ["HU", "36", "201", 6], ["RO", "40", "712", 6], ["BG", "359", "481", 5], ["TR", "90", "5012", 6], ["IN", "91", "8123", 6],
  ["AU", "61", "412", 6], ["NZ", "64", "211", 6], ["ZA", "27", "711", 6], ["BR", "55", "119612", 5], ["JP", "81", "9012", 6], ["ID", "62", "812345", 4],
];
export const COUNTRIES = RANGES.map(([country]) => country);

/** Half of the numbers go where money is made with them. */
const PUMPED = ["FR", "IN", "TR", "IT"];

/** Numbers drawn from the ranges, one country after the other; the same ones in every run. */
export function* numbers(seed = 1) {
  let state = seed;
  const draw = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  for (let index = 0; ; index += 1) {
    const wanted = index % 2 === 0 ? RANGES.findIndex(([country]) => country === PUMPED[(index / 2) % PUMPED.length]) : ((index - 1) / 2) % RANGES.length;
    const [country, code, range, digits] = RANGES[wanted];
    const rest = Math.floor(draw() * 10 ** digits).toString().padStart(digits, "0");
    yield { country, code, number: `+${code}${range}${rest}` };
  }
}

/** The caps, as the documents promise them: `key` says which messages share one, `period` in milliseconds; 0 is a calendar day (UTC). */
const capsOf = (phone) => [
  { name: "number, 10 minutes", key: (m) => m.to, most: 3, period: 600_000 },
  { name: "number, a day", key: (m) => m.to, most: 5, period: 86_400_000 },
  { name: "prefix, an hour", key: (m) => m.to.slice(0, -4), most: 10, period: 3_600_000 },
  // That of the first country is bounded by the agent's day.
  { name: "calling code, a day", key: (m) => m.dialCode, most: (m) => (m.dialCode === "49" ? phone.day_messages : 100), period: 0 },
  { name: "agent, a day", key: () => "", most: phone.day_messages, period: 0 },
];

/** Messages that went out although a cap was reached: counted at the service that sends. */
export function overCaps(messages, phone) {
  const over = {};
  for (const { name, key, most, period } of capsOf(phone)) {
    const before = new Map();
    for (const message of messages) {
      const times = before.get(key(message)) ?? [];
      const inside = times.filter((at) => (period === 0 ? Math.floor(at / 86_400_000) === Math.floor(message.at / 86_400_000) : message.at - at < period));
      if (inside.length >= (typeof most === "function" ? most(message) : most)) over[name] = (over[name] ?? 0) + 1;
      before.set(key(message), [...times, message.at]);
    }
  }
  return over;
}

/** Runs `task` over `items`, `width` at a time. */
async function each(items, width, task) {
  const queue = items[Symbol.iterator]();
  const worker = async () => {
    for (const item of { [Symbol.iterator]: () => queue }) await task(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/**
 * Asks for `count` numbers that are valid. Two agents: at one nobody ever types a code; at the other the attacker has phones
 * enough to type every third one, so that the pause does not save us and the caps have to.
 */
export async function pump(count) {
  const twilio = await startTwilio();
  const phone = { countries: COUNTRIES, channels: ["sms"], twilio: twilioAccount(), day_messages: 900 };
  const agents = ["ag_silent", "ag_typing"];
  const edge = await startEdge({ agents: agents.map((id) => phoneAgent(id, phone)), vars: { TWILIO_BASE_URL: twilio.url } });
  try {
    for (const id of agents) await phoneSecrets(edge, id, { twilio });
    let ahead = 0;
    twilio.clock = () => Date.now() + ahead;
    const asked = { valid: 0, sent: 0, refused: 0, invalid: 0 };
    const said = { ag_silent: [], ag_typing: [] };
    const sentTo = new Map();
    const source = numbers();
    const codes = new Map(COUNTRIES.map((country, index) => [country, RANGES[index][1]]));

    for (const [id, share] of [["ag_silent", 0.2], ["ag_typing", 0.8]]) {
      const until = asked.valid + Math.round(count * share);
      let crowd = [];
      while (asked.valid < until) {
        const missing = 60 - crowd.length;
        const fresh = [];
        await each(Array.from({ length: missing }), 6, async () => {
          const one = await atCard(edge, id);
          // The socket is not needed any more, and thousands of them would be.
          await one.visitor.leave();
          fresh.push(one);
        });
        crowd.push(...fresh);
        const stay = [];
        await each(crowd, 12, async (one) => {
          const { number, country } = source.next().value;
          const answer = await startPhone(one.visitor, one.card, number);
          if (answer.status === 400) asked.invalid += 1;
          else asked.valid += 1;
          if (answer.status === 429) asked.refused += 1;
          if (answer.status !== 200) return stay.push(one);
          asked.sent += 1;
          // A number that was drawn before has an older message.
          const nth = (sentTo.get(number) ?? 0) + 1;
          sentTo.set(number, nth);
          const message = await twilio.messageTo(number, nth);
          Object.assign(message, { dialCode: codes.get(country) });
          said[id].push(message);
          if (id === "ag_typing" && said[id].length % 3 === 0) await one.visitor.verify(one.card, message.code);
          else stay.push(one);
        });
        crowd = stay;
        await edge.later(5 * 60_000 + 1_000);
        ahead += 5 * 60_000 + 1_000;
      }
    }
    const alarms = {};
    for (const id of agents) {
      const records = await edge.ledger(id);
      alarms[id] = [...new Set(records.filter((record) => record.kind === "alarm_phone").map((record) => record.detail.budget))].sort();
    }
    return { asked, said, phone, alarms, delivered: twilio.messages.length, complaints: twilio.complaints() };
  } finally {
    await edge.stop();
    await twilio.stop();
  }
}
