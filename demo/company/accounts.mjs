// Who is signed in at the company: passwords, codes by phone, access tokens that end and refresh tokens that rotate.
import { randomBytes, randomInt, timingSafeEqual } from "node:crypto";

const token = (kind) => `nw_${kind}_${randomBytes(24).toString("base64url")}`;

function same(a, b) {
  const [left, right] = [Buffer.from(String(a)), Buffer.from(String(b))];
  return left.length === right.length && timingSafeEqual(left, right);
}

export class Accounts {
  /** `now` gives milliseconds; `tokenSeconds` is how long an access token lives. */
  constructor(customers, { now, tokenSeconds }) {
    this.customers = customers;
    this.now = now;
    this.tokenSeconds = tokenSeconds;
    /** Access tokens: `{user_id, ends}`. Ended ones stay, so that a test can tell whose they were. */
    this.tokens = new Map();
    /** Refresh tokens: `{user_id, used}`. */
    this.refreshTokens = new Map();
    /** Refreshes by `Idempotency-Key`: the same key gets the same answer again. */
    this.refreshed = new Map();
    /** Codes by phone: `{phone, code, ends, left}` by request id. */
    this.phoneCodes = new Map();
    /** How many times a new pair was given for a refresh token. */
    this.refreshes = 0;
    /** How many logins were tried, and how many passed. */
    this.tried = 0;
    this.passed = 0;
  }

  customer(user_id) {
    return this.customers.find((one) => one.user_id === user_id);
  }

  /** By user name, or by the email address that some type instead. */
  login(user_name, password) {
    this.tried += 1;
    if (typeof user_name !== "string" || typeof password !== "string") return undefined;
    const name = user_name.trim().toLowerCase();
    const customer = this.customers.find((one) => one.user_name === name || one.email === name);
    if (!customer || !same(customer.password, password)) return undefined;
    return this.opened(customer);
  }

  /** A code for a phone. Says the same for a number that nobody has: no code is kept for it then. */
  phone(phone) {
    const digits = String(phone ?? "").replace(/[\s()-]/g, "");
    const request_id = `pr_${randomBytes(12).toString("base64url")}`;
    const customer = this.customers.find((one) => one.phone === digits);
    if (customer) {
      const code = String(randomInt(10 ** 6)).padStart(6, "0");
      this.phoneCodes.set(request_id, { phone: customer.phone, user_id: customer.user_id, code, ends: this.now() + 300_000, left: 5 });
    }
    return { ok: true, request_id };
  }

  phoneVerify(request_id, code) {
    this.tried += 1;
    const kept = this.phoneCodes.get(request_id);
    if (!kept || kept.ends <= this.now() || kept.left <= 0) return undefined;
    kept.left -= 1;
    if (!same(kept.code, String(code ?? "").replace(/[\s-]/g, ""))) return undefined;
    this.phoneCodes.delete(request_id);
    return this.opened(this.customer(kept.user_id));
  }

  opened({ user_id, name, email, company_id, roles }) {
    this.passed += 1;
    return { user_id, name, email, company_id, roles, ...this.pair(user_id) };
  }

  pair(user_id) {
    const pair = { token: token("at"), refresh_token: token("rt") };
    const ends = this.now() + this.tokenSeconds * 1000;
    this.tokens.set(pair.token, { user_id, ends });
    this.refreshTokens.set(pair.refresh_token, { user_id, used: false });
    return { ...pair, expires_at: new Date(ends).toISOString() };
  }

  /** A new pair; the refresh token given is used up, but the same key may ask again for what it was given. */
  refresh(refresh_token, key) {
    const before = key === undefined ? undefined : this.refreshed.get(key);
    if (before?.refresh_token === refresh_token) return before.pair;
    const kept = this.refreshTokens.get(refresh_token);
    if (!kept || kept.used) return undefined;
    kept.used = true;
    this.refreshes += 1;
    const pair = this.pair(kept.user_id);
    if (key !== undefined) this.refreshed.set(key, { refresh_token, pair });
    return pair;
  }

  /** Whose token it is, ended or not: `{user_id, ends}`. */
  holder(authorization) {
    const value = /^Bearer (\S+)$/.exec(authorization ?? "")?.[1];
    return value === undefined ? undefined : this.tokens.get(value);
  }

  /** The customer whose token it is, while it lasts. */
  bearer(authorization) {
    const kept = this.holder(authorization);
    return kept && kept.ends > this.now() ? this.customer(kept.user_id) : undefined;
  }

  /** Ends access tokens now: of one customer, or all. Refresh tokens go on. */
  expire(user_id) {
    for (const kept of this.tokens.values()) {
      if (user_id === undefined || kept.user_id === user_id) kept.ends = Math.min(kept.ends, this.now());
    }
  }
}
