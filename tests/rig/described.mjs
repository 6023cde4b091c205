// For each operation of the admin API one request that is done as asked, put into its description as examples.
import { Visitor } from "./client.mjs";
import { invitation, memberOf } from "./members.mjs";
import { until } from "./wait.mjs";

const CSV = "name\nAna\n";
const ACTION = { name: "look", title: "Look", kind: { is: "public" }, url: "https://api.example.com/", method: "GET" };

/** Says so when something that an example needs was not made. */
const insist = (response, what) => {
  if (response.status >= 300) throw new Error(`${what}: ${response.status} ${response.text.slice(0, 200)}`);
  return response.status === 204 ? undefined : response.json();
};

/** A conversation of the agent that the list shows. */
async function conversationOf(edge, owner, here) {
  const visitor = new Visitor(edge);
  const line = await visitor.connect();
  await line.ask("What is your return policy?");
  await visitor.leave();
  const listed = async () => (await owner.get(`${here}/conversations`)).json().conversations;
  await until("the conversation to be listed", async () => (await listed()).length > 0);
  return (await listed())[0].id;
}

/**
 * Makes what the requests are about, and gives for each operation's id what stands in its path, its headers and its body.
 * `round` keeps the names of one run apart from those of another.
 */
export async function examples(edge, owner, agent, round) {
  const here = `agents/${agent}`;
  const named = (name) => `${name}_${round}`;
  const fields = [{ name: "name", label: "Name", type: "text" }];
  const collection = async (name) => insist(await owner.post(`${here}/collections`, { name: named(name), fields }), name).name;
  const [staff, going, files] = [await collection("staff"), await collection("going"), await collection("files")];
  const record = async (id) => insist(await owner.post(`${here}/collections/${staff}/records`, { id, data: { name: id } }), id);
  const [kept, changed, removed] = [await record("kept"), await record("changed"), await record("removed")];
  const begin = async (into) => insist(await owner.post(`${here}/collections/${into}/imports`, { name: "a.csv", bytes: CSV.length, mode: "replace" }), "import").id;
  const [looked, parted, whole, dropped] = [await begin(files), await begin(files), await begin(going), await begin(files)];
  const csv = { headers: { "content-type": "text/csv", "upload-offset": "0" }, raw: CSV };
  insist(await owner.patch(`${here}/collections/${going}/imports/${whole}`, undefined, undefined, csv), "part");
  const last = await collection("last");
  for (const name of ["used", "unused"]) insist(await owner.put(`${here}/secrets/${name}_${round}`, { value: "x" }), name);
  for (const who of ["demoted", "removed"]) await memberOf(edge, { email: `${who}.${round}@example.com`, agent, role: "editor" });
  const { members } = insist(await owner.get(`${here}/members`), "members");
  const member = (who) => members.find(({ email }) => email.startsWith(`${who}.${round}@`)).id;
  const token = insist(await owner.post(`${here}/tokens`, { name: "going", scopes: ["audit:read"], days: 1 }), "token").listed.id;
  const { version, settings } = insist(await owner.get(here), "settings");
  return {
    claim: { body: { token: await invitation(edge) } },
    makeAgent: { body: { name: `Made ${round}` } },
    changeSettings: { headers: { "If-Match": `"${version}"` }, body: { greeting: `Hello ${round}` } },
    checkSettings: { body: { settings } },
    checkModel: { body: { model: { provider: "rehearsal" } } },
    sendTestMessage: { body: { method: "email_code", settings } },
    setSecret: { path: { name: named("used") }, body: { value: "y" } },
    removeSecret: { path: { name: named("unused") } },
    tryAction: { body: { action: ACTION } },
    judgeAction: { body: { status: 200, answer: "{\"a\": 1}", mapping: [{ name: "a", from: "response.a" }, { name: "b", from: "response." }] } },
    checkPage: { body: { url: "https://shop.example.com/" } },
    makeCollection: { body: { name: named("made"), fields } },
    readCollection: { path: { collection: staff } },
    changeCollection: { path: { collection: files }, headers: { "If-Match": "\"1\"" }, body: { title: "Files" } },
    removeCollection: { path: { collection: last } },
    listRecords: { path: { collection: staff } },
    makeRecord: { path: { collection: staff }, body: { data: { name: "Ben" } } },
    readRecord: { path: { collection: staff, record: kept.id } },
    setRecord: { path: { collection: staff, record: changed.id }, headers: { "If-Match": `"${changed.tag}"` }, body: { data: { name: "Cleo" } } },
    removeRecord: { path: { collection: staff, record: removed.id } },
    exportRecords: { path: { collection: staff } },
    listImports: { path: { collection: files } },
    beginImport: { path: { collection: staff }, body: { name: "b.csv", bytes: 10, mode: "replace" } },
    readImport: { path: { collection: files, import: looked } },
    continueImport: { path: { collection: files, import: parted }, headers: { "Upload-Offset": 0 }, body: CSV },
    abandonImport: { path: { collection: files, import: dropped } },
    commitImport: { path: { collection: going, import: whole }, body: {} },
    readConversation: { path: { conversation: await conversationOf(edge, owner, here) } },
    inviteMember: { body: { email: `invited.${round}@example.com`, role: "editor" } },
    changeMember: { path: { member: member("demoted") }, body: { role: "analyst" } },
    removeMember: { path: { member: member("removed") } },
    makeToken: { body: { name: `made ${round}`, scopes: ["audit:read"], days: 1 } },
    revokeToken: { path: { token_id: token } },
  };
}

/**
 * Puts examples into a document. Parameters of a path become those of its operations. What lies in something comes before it, and
 * removing it last: the program tries each name wherever such a name belongs.
 */
export function exemplify(document, given, agent) {
  const depth = ([template]) => -template.split("/").length;
  const paths = Object.entries(document.paths).sort((a, b) => depth(a) - depth(b));
  document.paths = Object.fromEntries(paths.map(([template, { delete: removal, ...item }]) => [template, removal ? { ...item, delete: removal } : item]));
  for (const item of Object.values(document.paths)) {
    const shared = item.parameters ?? [];
    delete item.parameters;
    for (const operation of Object.values(item)) {
      const { path = {}, headers = {}, body } = given[operation.operationId] ?? {};
      const parameters = [...structuredClone(shared), ...operation.parameters];
      for (const parameter of parameters) {
        if (parameter.name === "agent") Object.assign(parameter, { schema: { type: "string", enum: [agent] }, example: agent });
        const value = parameter.in === "path" ? path[parameter.name] : headers[parameter.name];
        if (value !== undefined) parameter.example = value;
      }
      operation.parameters = parameters;
      if (body !== undefined) for (const content of Object.values(operation.requestBody.content)) content.example = body;
    }
  }
}
