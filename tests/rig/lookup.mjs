// A company's employees, and visitors who say which of them they are.
import { orders } from "./agents.mjs";
import { Visitor } from "./client.mjs";
import { codeAfter } from "./inbox.mjs";

/** The collection of the lookup agents' employees, found by `number`. */
export const STAFF = "employees";

/** Settings of customer auth with a look-up of employees; `overrides` replaces fields of the look-up. */
export function lookupAuth(overrides = {}, auth = {}) {
  return {
    methods: ["collection_lookup"],
    lookup: {
      collection: STAFF, field: "number", label: "Employee number", phone_field: "phone", email_field: "email",
      name_field: "name", roles_field: "access_roles", ...overrides,
    },
    ...auth,
  };
}

/** One employee's record. */
export function employee(number, { email = `${number.toLowerCase()}@staff.example`, ...rest } = {}) {
  return { number, email, name: `Employee ${number}`, access_roles: ["view_own_payroll"], ...rest };
}

/** Employees for `startEdge`, beside the orders of `agents.mjs` and those that are given. */
export function staff(rows, more = []) {
  return [orders(), { collection: STAFF, email_field: "number", rows }, ...more];
}

/** The statements that put a second record beside one with the same value of the field. */
export function doubled(agent, number) {
  const row = { ...employee(number), email: "second@staff.example" };
  return [
    ["INSERT OR REPLACE INTO record (agent, collection, id, data) VALUES (?, ?, ?, ?)", agent, STAFF, `${number}-second`, JSON.stringify(row)],
    ["INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES (?, ?, ?, ?, ?)", agent, STAFF, "number", number.toLowerCase(), `${number}-second`],
  ];
}

/** Says who they are, on this card. */
export function lookUp(visitor, card, typed, options = {}) {
  return visitor.send(visitor.under("login/start"), { body: { card, method: "collection_lookup", address: typed }, ...options });
}

/** A visitor with an open card. */
export async function atCard(edge, options) {
  const visitor = new Visitor(edge, options);
  const line = await visitor.connect();
  const card = await visitor.askForCard(line);
  return { visitor, line, card };
}

/** The whole way with a code by email. */
export async function signInAs(edge, typed, email, options) {
  const { visitor, line: before, card } = await atCard(edge, options);
  const mails = (await edge.mailbox.to(email)).length;
  const started = await lookUp(visitor, card, typed);
  if (started.status !== 200) throw new Error(`start answered ${started.status}: ${started.text}`);
  const verified = await visitor.verify(card, await codeAfter(edge, email, mails, started));
  if (verified.status !== 200) throw new Error(`verify answered ${verified.status}: ${verified.text}`);
  await before.closed;
  const visited = await visitor.arrive();
  return { visitor, card, verified, visited, line: await visitor.connect() };
}

/** An answer's bytes without what differs by card: ids, times, the reference word, and what was typed. */
export function maskedStart(response) {
  const { card } = response.json();
  const { step } = card;
  let text = response.text;
  for (const [value, name] of [[card.id, "ID"], [step.reference, "REF"], [step.resend_at, "RESEND"], [step.expires_at, "END"], [`"${step.address}"`, "TYPED"]]) {
    text = text.replaceAll(value, name);
  }
  return text;
}
