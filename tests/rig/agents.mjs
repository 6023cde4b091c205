// Agents and records to seed with: small, known to the letter, so that a leak of any of it can be searched for.
import { actionsWith } from "./actions.mjs";

/** Settings of an agent; `overrides` replaces top-level fields, `auth` single fields of customer auth. */
export function agent(id = "ag_northwind", { auth = {}, ...overrides } = {}) {
  return {
    id,
    name: "Northwind Outfitters",
    origins: ["https://shop.test"],
    instructions: "You help customers of Northwind Outfitters.",
    greeting: "Hello! How can I help?",
    suggested: ["Where is my order?", "What is your return policy?"],
    knowledge: "Our return policy: you can return anything within 30 days of delivery, free of charge.\n\nShipping takes 3 to 5 working days.",
    customer_auth: {
      enabled: true,
      title: "Sign in to continue",
      subtitle: "We'll send you a quick verification code",
      methods: ["email_code"],
      session: { inactivity_minutes: 1440, absolute_hours: 24 },
      code_digits: 6,
      code_minutes: 5,
      visible_fields: [],
      autofetch: [orderRule()],
      ...auth,
    },
    model: { provider: "rehearsal" },
    ...overrides,
  };
}

/** The same agent with a model behind an API that speaks OpenAI's protocol. */
export function agentWithModel(player, id = "ag_model", overrides = {}) {
  return agent(id, { model: modelAt(player), ...overrides });
}

/**
 * An agent with the demo's actions against a company that `startCompany` gave; `changed` replaces fields of single actions
 * by name (null leaves one out), `auth` single fields of customer auth.
 */
export function agentWithActions(company, id = "ag_actions", { changed = {}, auth = {}, ...overrides } = {}) {
  return agent(id, {
    actions: actionsWith(company, changed),
    auth: { methods: ["email_code", "login_action"], visible_fields: ["email", "name"], persistent_context: true, ...auth },
    ...overrides,
  });
}

/** The model choice for a player or puppet that speaks OpenAI's protocol. */
export const modelAt = (player) => ({ provider: "open_ai", base_url: player.url, model: "test-model" });

/** Orders whose `customer_email` is the person's verified email; the card number is not for the AI. */
export function orderRule(overrides = {}) {
  return {
    name: "recent orders",
    description: "Answers questions about the visitor's orders: status, delivery, what was bought.",
    source: { kind: "collection", collection: "orders", email_field: "customer_email" },
    newest_by: "placed_at",
    limit: 5,
    fields: ["number", "status", "item", "placed_at"],
    fresh_s: 300,
    ...overrides,
  };
}

/** One order. What the AI may see and what it may not are told apart by their values. */
export function order(number, email, { status = "shipped", item = "Trail jacket", placed_at = "2026-05-01" } = {}) {
  return {
    number,
    status,
    item,
    placed_at,
    customer_email: email,
    payment_reference: `PAYREF-${number}`,
    warehouse_note: `NOTE-${number}`,
  };
}

/** Ana has three orders, Ben one, Cleo none. */
export function orders() {
  return {
    collection: "orders",
    email_field: "customer_email",
    rows: [
      order("NW-1001", "ana@example.com", { placed_at: "2026-04-01", status: "delivered", item: "Wool socks" }),
      order("NW-1002", "ana@example.com", { placed_at: "2026-05-02", status: "shipped", item: "Trail jacket" }),
      order("NW-1003", "ana@example.com", { placed_at: "2026-05-20", status: "packing", item: "Camp stove" }),
      order("NW-2001", "ben@example.com", { placed_at: "2026-05-11", status: "cancelled", item: "Rain poncho" }),
    ],
  };
}

/** The statements that put agents and their records into D1, as `[sql, ...values]`. */
export function seeding(agents, collections = [orders()]) {
  const statements = [];
  for (const settings of agents) {
    statements.push(["INSERT OR REPLACE INTO agent (id, settings, version) VALUES (?, ?, 1)", settings.id, JSON.stringify(settings)]);
    for (const { collection, email_field, rows } of collections) {
      for (const row of rows) {
        statements.push(["INSERT OR REPLACE INTO record (agent, collection, id, data) VALUES (?, ?, ?, ?)", settings.id, collection, row.number, JSON.stringify(row)]);
        statements.push([
          "INSERT OR REPLACE INTO record_key (agent, collection, field, value, id) VALUES (?, ?, ?, ?, ?)",
          settings.id, collection, email_field, row[email_field].toLowerCase(), row.number,
        ]);
      }
    }
  }
  return statements;
}
