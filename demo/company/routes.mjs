// The company's API: what each address answers. Every answer is `{status, body}`; objects are sent as JSON, texts as HTML.

const said = (status, message) => ({ status, body: { success: false, message } });
const given = (data) => ({ status: 200, body: { success: true, data } });
const SIGN_IN = said(401, "Your session has ended. Sign in again.");

/** Answers one request: `{method, url, headers, json}`. `url` is a `URL`, `json` the parsed body or undefined. */
export function answer(company, { method, url, headers, json }) {
  const { accounts } = company;
  const key = headers["idempotency-key"];
  const fields = json !== null && typeof json === "object" && !Array.isArray(json) ? json : {};
  const at = `${method} ${url.pathname}`;
  switch (at) {
    case "GET /health": return { status: 200, body: { ok: true } };
    case "GET /phone-codes": return { status: 200, body: phoneCodes(accounts) };
    case "GET /shops": return shops(company, url.searchParams.get("city") ?? "");
    case "GET /stock": return stock(company, accounts.bearer(headers.authorization), url.searchParams.get("item") ?? "");
    case "POST /login": {
      const session = accounts.login(fields.user_name, fields.password);
      return session ? given(session) : said(401, "That user name or password is not right.");
    }
    case "POST /login/phone": return { status: 200, body: accounts.phone(fields.phone) };
    case "POST /login/phone/verify": {
      const session = accounts.phoneVerify(fields.request_id, fields.code);
      return session ? given(session) : said(401, "That code is not right, or it has ended.");
    }
    case "POST /token/refresh": {
      const pair = accounts.refresh(fields.refresh_token, key);
      return pair ? given(pair) : said(401, "That refresh token is no longer good.");
    }
  }
  const order = /^\/orders\/([^/]+)(\/address)?$/.exec(url.pathname);
  if (order?.[2] && (method === "PUT" || method === "POST")) {
    return changeAddress(company, accounts.bearer(headers.authorization), named(order[1]), fields.address, key);
  }
  if (order && !order[2] && method === "GET") return readOrder(company, accounts.bearer(headers.authorization), named(order[1]));
  return said(404, "There is nothing at this address.");
}

/** An order's number as it stands in a path. */
function named(part) {
  try {
    return decodeURIComponent(part).trim().toUpperCase();
  } catch {
    return "";
  }
}

/** The customer's own order. Another's is one that does not exist. */
function own(company, customer, number) {
  return company.orders.find((one) => one.number === number && one.user_id === customer.user_id);
}

function readOrder(company, customer, number) {
  if (!customer) return SIGN_IN;
  const order = own(company, customer, number);
  return order ? given(order) : said(404, "No such order.");
}

function changeAddress(company, customer, number, address, key) {
  if (!customer) return SIGN_IN;
  const before = company.idempotent && key !== undefined ? company.changed.get(`${customer.user_id} ${key}`) : undefined;
  if (before) return before;
  const order = own(company, customer, number);
  if (!order) return said(404, "No such order.");
  if (typeof address !== "string" || address.trim().length < 8 || address.length > 300) {
    return said(422, "The address must have a street, a number and a city.");
  }
  if (order.status !== "being packed") return said(409, `Order ${number} is ${order.status}; its address can no longer be changed.`);
  order.address = address.trim();
  company.effects.push({ key, order: number, address: order.address, user_id: customer.user_id });
  const done = given({ number, address: order.address, status: order.status });
  if (key !== undefined) company.changed.set(`${customer.user_id} ${key}`, done);
  return done;
}

function stock(company, customer, item) {
  if (!customer) return SIGN_IN;
  if (!customer.roles.includes("staff")) return said(403, "Only staff may see the stock.");
  const words = item.toLowerCase().split(/\s+/).filter(Boolean);
  const found = company.stock.filter((one) => words.length > 0 && words.some((word) => one.item.toLowerCase().includes(word)));
  return found.length > 0 ? given({ items: found }) : said(404, "Nothing in stock goes by that name.");
}

function shops(company, city) {
  const found = company.shops.filter((one) => city === "" || one.city.toLowerCase() === city.trim().toLowerCase());
  const where = company.shops.map((one) => one.city).join(", ");
  return found.length > 0 ? given({ shops: found }) : said(404, `We have no shop there. Our shops are in ${where}.`);
}

/** The page that stands in for the customers' phones. */
function phoneCodes(accounts) {
  const codes = [...accounts.phoneCodes.values()].reverse().map(({ phone, code }) => `<li><b>${code}</b> to ${phone}</li>`);
  const list = codes.length > 0 ? `<ul>${codes.join("")}</ul>` : "<p>No code yet. Ask for one on the chat's card; it arrives here.</p>";
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Northwind: codes by phone</title>
<meta http-equiv="refresh" content="3"><style>body{font:18px/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}b{font-size:1.5rem;letter-spacing:.08em}</style></head>
<body><h1>Codes by phone</h1><p>In place of the customers' phones: this is a demo.</p>${list}</body></html>`;
}
