// What a company's log-in may answer, and whom that signs in: eighty-odd answers that prove nobody, and some that do (R52).
import { startCompany } from "../../demo/company/company.mjs";
import { agentWithActions } from "./agents.mjs";
import { Visitor } from "./client.mjs";
import { startProcess } from "./process.mjs";

const PASSWORD = "Wandering 7 Herons!";
const JSON_TYPE = { "content-type": "application/json" };

const good = (changed = {}) => ({ user_id: "c900", name: "Robin", email: "robin@example.com", company_id: "northwind", roles: ["customer"], token: "tok_900", refresh_token: "ref_900", expires_at: new Date(Date.now() + 900_000).toISOString(), ...changed });
const passed = (changed) => ({ success: true, data: good(changed) });
const text = (body, status = 200, headers = {}) => ({ status, headers: { ...JSON_TYPE, ...headers }, body: Buffer.isBuffer(body) ? body : String(body) });
const object = (body, status = 200) => text(JSON.stringify(body), status);
const without = (name) => {
  const body = passed();
  delete body.data[name];
  return body;
};
const deep = (levels) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

/** `[what, answer]`: none of these may sign anybody in. */
export function refused(company) {
  const statuses = [201, 202, 203, 206, 400, 401, 403, 404, 405, 409, 410, 418, 422, 429, 500, 501, 502, 503, 504];
  const redirects = [301, 302, 303, 307, 308];
  return [
    ...statuses.map((status) => [`all well, but with status ${status}`, object(passed(), status)]),
    ["no content", { status: 204 }],
    ...redirects.map((status) => [`a redirect with ${status} to where all is well`, text(JSON.stringify(passed()), status, { location: `${company.url}/elsewhere` })]),
    ["nothing", text("")],
    ["a blank", text(" ")],
    ...["null", "true", "1", '"ok"', "[]", "{}", "[true]"].map((body) => [`the JSON ${body}`, text(body)]),
    ["a page", { status: 200, headers: { "content-type": "text/html" }, body: "<h1>Welcome back!</h1>" }],
    ["XML", { status: 200, headers: { "content-type": "application/xml" }, body: "<success>true</success><user_id>c900</user_id>" }],
    ["a form", text("success=true&user_id=c900")],
    ["half of the JSON", text(JSON.stringify(passed()).slice(0, 60))],
    ["JSON and something after it", text(`${JSON.stringify(passed())} {"success":true}`)],
    ["JSON and a word before it", text(`)]}',\n${JSON.stringify(passed())}`)],
    ["a call around the JSON", text(`callback(${JSON.stringify(passed())})`)],
    ["JSON in single quotes", text(JSON.stringify(passed()).replaceAll('"', "'"))],
    ["JSON with a comment", text(`/* ok */ ${JSON.stringify(passed())}`)],
    ["JSON with a comma too many", text(JSON.stringify(passed()).replace(/}$/, ",}"))],
    ["JSON as a text inside JSON", text(JSON.stringify(JSON.stringify(passed())))],
    ["bytes that are no UTF-8", text(Buffer.concat([Buffer.from('{"success":true,"data":{"user_id":"c'), Buffer.from([0xff, 0xfe]), Buffer.from('"}}')]))],
    ["UTF-16", text(Buffer.from(JSON.stringify(passed()), "utf16le"))],
    ["bytes that are not the gzip they say", text(JSON.stringify(passed()), 200, { "content-encoding": "gzip" })],
    ["the answer in a list", object([passed()])],
    ...[["false", false], ["null", null], ["a text", "true"], ["one", 1], ["an empty object", {}], ["a list", [true]], ["the word yes", "yes"]].map(([what, success]) => [`success that is ${what}`, object({ ...passed(), success })]),
    ["no word of success", object({ data: good() })],
    ["success in capitals", object({ Success: true, data: good() })],
    ["success inside the data alone", object({ data: { ...good(), success: true } })],
    ["success under another's name", object({ response: { success: true }, data: good() })],
    ["success by way of __proto__", text(`{"__proto__":{"success":true},"data":${JSON.stringify(good())}}`)],
    ["a status of its own in the body", object({ status_code: 200, response: { success: true }, data: good() })],
    ["no data", object({ success: true })],
    ...[["null", null], ["a text", "c900"], ["a list", [good()]], ["a number", 900], ["true", true]].map(([what, data]) => [`data that is ${what}`, object({ success: true, data })]),
    ["user_id beside the data", object({ success: true, user_id: "c900", data: without("user_id").data })],
    ["no user_id", object(without("user_id"))],
    ["user_id in capitals", object({ success: true, data: { ...without("user_id").data, USER_ID: "c900" } })],
    ...[
      ["null", null], ["empty", ""], ["a blank", " "], ["blanks", "\t \n "], ["a blank of no width to see", "\u00a0\u2003"], ["true", true], ["false", false], ["an empty list", []],
      ["a list", ["c900"]], ["an empty object", {}], ["an object", { id: "c900" }], ["longer than a field may be", "c".repeat(5_000)], ["the password", PASSWORD],
    ].map(([what, user_id]) => [`user_id that is ${what}`, object(passed({ user_id }))]),
    ["user_id that is too large a number", text(JSON.stringify(passed()).replace('"c900"', "1e999"))],
    ["user_id that is no JSON", text(JSON.stringify(passed()).replace('"c900"', "NaN"))],
    ["more than 256 KB", object({ ...passed(), fill: "x".repeat(257 * 1024) })],
    ["more levels than are read", text(`{"fill":${deep(40)},${JSON.stringify(passed()).slice(1)}`)],
    ["levels without end", text(`{"fill":${deep(50_000)},${JSON.stringify(passed()).slice(1)}`)],
    ["an end before anything", { cut: "before" }],
    ["an end after it was done", { cut: "after" }],
    ["an end in the middle", { ...object(passed()), cut: "middle" }],
    ["fewer bytes than it says", text(JSON.stringify(passed()), 200, { "content-length": 5_000 })],
    ["a word too late", { ...object(passed()), hold: true }],
  ];
}

/** These must: an answer that is right is not refused because it is unusual. */
export function accepted() {
  return [
    ["all well", object(passed())],
    ["a number as user_id", object(passed({ user_id: 900 }))],
    ["a long user_id", object(passed({ user_id: "c".repeat(200) }))],
    ["letters of the world in user_id", object(passed({ user_id: "Zoë-\u4e2d" }))],
    ["user_id and nothing else", object({ success: true, data: { user_id: "c900" } })],
    ["fields that nobody asked for", object({ ...passed(), more: { a: [1, 2, { b: null }] } })],
    ["200 KB", object({ ...passed(), fill: "x".repeat(200 * 1024) })],
    ["blanks around the JSON", text(`\r\n  ${JSON.stringify(passed())}\n`)],
    ["twenty levels", text(`{"fill":${deep(20)},${JSON.stringify(passed()).slice(1)}`)],
    ["another content type", { status: 200, headers: { "content-type": "text/plain" }, body: JSON.stringify(passed()) }],
  ];
}

/**
 * Tries each on a card of its own. Returns `{tried, open, wrongly}`: `open` are answers that must be refused and signed
 * somebody in, `wrongly` those that must be accepted and were not.
 */
export async function tryLoginAnswers() {
  const company = await startCompany();
  const edge = await startProcess({ agents: [agentWithActions(company, "ag_answers", { changed: { sign_in: { timeout_ms: 700 } } })] });
  const open = [];
  const wrongly = [];
  const list = [...refused(company).map((one) => [...one, false]), ...accepted().map((one) => [...one, true])];
  try {
    company.always(object(passed()), ({ path }) => path === "/elsewhere");
    for (const [n, [what, script, right]] of list.entries()) {
      company.next(script, { when: ({ path }) => path === "/login" });
      const visitor = new Visitor(edge, { agent: "ag_answers" });
      const line = await visitor.connect();
      const card = await visitor.askForCard(line);
      const before = visitor.token;
      const answer = await visitor.submit(card, "sign_in", { user_name: `robin${n}`, password: PASSWORD });
      // Whoever is signed in is cut off under the old cookie.
      await Promise.race([line.ping().catch(() => {}), line.closed]);
      const visited = await visitor.visit();
      const isIn = answer.status === 200 || visitor.token !== before && visited.json().state === "authenticated"
        || line.frames.some((frame) => frame.type === "state" && frame.state === "authenticated");
      if (right && !(answer.status === 200 && visited.json().state === "authenticated")) wrongly.push(`${what}: ${answer.status} ${answer.text.slice(0, 200)}`);
      if (!right && isIn) open.push(`${what}: ${answer.status}`);
      if (!right && ![422, 503].includes(answer.status)) open.push(`${what}: answered ${answer.status} ${answer.text.slice(0, 200)}`);
      await visitor.leave();
      company.release();
    }
    if (company.asked("/elsewhere").length > 0) open.push("a redirect was followed");
    if (company.asked("/login").length !== list.length) wrongly.push(`the API was asked ${company.asked("/login").length} times of ${list.length}`);
  } finally {
    await edge.stop();
    await company.stop();
  }
  return { tried: list.filter(([, , right]) => !right).length, controls: list.filter(([, , right]) => right).length, open, wrongly };
}
