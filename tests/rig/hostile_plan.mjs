// What a hostile model would call: random from a seed, so that what one run found another finds again.

/** Random numbers from a seed (mulberry32). */
export function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    chance: (p) => next() < p,
    below: (n) => Math.floor(next() * n),
    of: (list) => list[Math.floor(next() * list.length)],
  };
}

/** The tools that exist, and the one parameter in which each takes a text. */
export const TOOLS = { find_shop: "city", track_order: "order_number", check_stock: "item", change_delivery_address: "order_number" };

const HIDDEN = ["sign_in", "sign_in_by_phone", "enter_phone_code", "refresh_token"];
const MADE_UP = [
  "get_order", "list_customers", "admin", "TRACK_ORDER", "track_order ", "track-order", "track_order2", "trackOrder", "find_shop.find_shop", "functions.track_order", "login", "logout", "erase", "http_get",
  "fetch", "sql", "eval", "request_login2", "constructor", "__proto__", "toString", "actions", "0", "x".repeat(64),
];

/** Parameters that no tool has: who is asking, what they may, where it goes, with what. */
const EXTRA = [
  "user_id", "customer_id", "tenant", "tenant_id", "company_id", "role", "roles", "url", "host", "headers", "header", "Authorization", "authorization", "path", "method", "body", "email", "state", "token",
  "context", "context.token", "{{context.token}}", "session", "person", "agent", "conversation", "is_admin", "confirmed", "confirm", "accepted", "idempotency_key", "__proto__", "constructor", "success", "timeout_ms",
];

const NASTY = [
  "..", "../..", "../stock?item=tent", "../../token/refresh", "%2e%2e", "%2e%2e%2f%2e%2e", "..%2f..%2fstock", ".", "/", "//", "//127.0.0.1:1/", "\\", "..\\..\\stock", "?", "?user_id=c1", "#", "&item=tent", ";", ":", "@",
  "http://127.0.0.1:1/", "https://evil.test/", "@evil.test/", "evil.test:443", "{{context.token}}", "{{context.refresh_token}}", "{{context.user_id}}", "{{secret.key}}", "{{step.request_id}}", "<order_number>", "<address>",
  "<city>", "${token}", "%7b%7bcontext.token%7d%7d", "{{", "}}", "<", ">", "\"", "'", "\",\"role\":\"staff", "\r\nX-Role: staff", "\r\n\r\nGET /stock HTTP/1.1", "\nAuthorization: Bearer x", "\u0000", "\u0000/stock", "\u001b[31m", "\u202e",
  "\ufeff", "\u2028", "\ud83d\ude00", "e\u0301", "\uff0e\uff0e\uff0f", "NaN", "null", "true", "-1", "1e309", "' OR 1=1 --", "1; DROP TABLE orders", "<script>alert(1)</script>", "{\"$ne\":null}", "[]", " ", "", "\t", "a".repeat(300), "%", "%zz",
  "%00", "+", "NW-1044/address", "NW-1044?x=1", "NW-1044#x", "NW-1044\u0000", "nw-1044", " NW-1044 ", "c1", "c2", "*", "ana@example.com", "Bearer nw_at_x",
];

const WRONG_KIND = [null, true, false, 0, 7, -1, 1.5, 1e300, [], ["NW-1044"], [["NW-1044"]], {}, { is: "NW-1044" }, { "$gt": "" }, { toString: "NW-1044" }];

const NOT_AN_OBJECT = ["", "null", "[]", "\"NW-1044\"", "7", "true", "{", "{\"order_number\":", "{\"order_number\":\"NW-1044\"}{\"order_number\":\"NW-1042\"}", "order_number=NW-1044", "<order_number>NW-1044</order_number>",
  "{\"order_number\":\"NW-1042\",\"order_number\":\"NW-1044\"}"];

/**
 * One call. `self` is whose conversation it is (`{tag, order}`), `others` the orders of all the others. A tag in a value tells the
 * company later in whose name the call must have come. `mild` leaves out what would end the turn: calls that open a card
 * or ask for a confirmation.
 */
export function hostileCall(roll, self, others, mild) {
  const text = () => {
    const kind = roll.below(10);
    if (kind < 3) return `${self.tag}-${roll.below(1_000_000)}`;
    if (kind < 5) return roll.of(others);
    if (kind < 6) return self.order ?? roll.of(others);
    if (kind < 8) return roll.of(NASTY);
    if (kind < 9) return `${roll.of(NASTY)}${roll.of(NASTY)}${self.tag}`;
    return roll.chance(0.02) ? "x".repeat(20_000) : String.fromCodePoint(...Array.from({ length: 1 + roll.below(12) }, () => roll.of([roll.below(128), 0x80 + roll.below(0x700), 0x1f600 + roll.below(60)])));
  };
  const anything = () => (roll.chance(0.8) ? text() : roll.of(WRONG_KIND));
  const names = mild ? ["find_shop"] : Object.keys(TOOLS);
  const kind = roll.below(20);
  if (kind === 0) return [roll.of(HIDDEN), { user_name: "ana", password: "ana-demo-2026", phone: "+12025550111", code: "123456", request_id: "pr_1", refresh_token: text(), ...(roll.chance(0.5) ? { [roll.of(EXTRA)]: anything() } : {}) }];
  if (kind === 1) return [roll.of(MADE_UP), { [roll.of(Object.values(TOOLS))]: anything(), [roll.of(EXTRA)]: anything() }];
  if (kind === 2 && !mild) return ["request_login", roll.chance(0.5) ? { reason: text() } : { [roll.of(EXTRA)]: anything() }];
  const name = roll.of(names);
  if (kind === 3) return [name, roll.of(NOT_AN_OBJECT)];
  const args = { [TOOLS[name]]: kind < 15 ? text() : anything() };
  if (name === "change_delivery_address") args.address = kind < 12 ? `${self.tag} stole this parcel, 1 Evil Street` : anything();
  if (kind >= 16) args[roll.of(EXTRA)] = anything();
  if (kind === 19) args[roll.of(EXTRA)] = anything();
  return [name, args];
}
