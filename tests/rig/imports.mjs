// CSV files on their way into a collection, sent as the console sends them.
export const PART_BYTES = 1024 * 1024;

/** The path of something of a collection, after `/api/admin/`. */
export const at = (collection, rest = "", agent = "ag_northwind") => `agents/${agent}/collections/${collection}${rest}`;

/** One field. */
export const field = (name, type = "text", rest = {}) => ({ name, type, ...rest });

/** One part: bytes that begin at this offset. */
export function sendPart(member, path, bytes, offset, headers = {}) {
  return member.ask("PATCH", path, undefined, { raw: bytes, headers: { "content-type": "text/csv", "upload-offset": String(offset), ...headers } });
}

/** Begins an import of these bytes; insists that it worked. */
export async function begin(member, collection, bytes, { agent, ...asked } = {}) {
  const begun = await member.post(at(collection, "/imports", agent), { name: "a.csv", bytes: bytes.length, mode: "replace", ...asked });
  if (begun.status !== 201) throw new Error(`an import was answered ${begun.status}: ${begun.text}`);
  return at(collection, `/imports/${begun.json().id}`, agent);
}

/** Sends everything from where the import stands; answers the last part's answer and what is wrong in every line. */
export async function sendAll(member, path, bytes, { size = PART_BYTES, from = 0 } = {}) {
  let offset = from;
  const found = [];
  let answer;
  while (offset < bytes.length) {
    answer = await sendPart(member, path, bytes.subarray(offset, offset + size), offset);
    if (answer.status !== 200) throw new Error(`a part was answered ${answer.status}: ${answer.text}`);
    const import_ = answer.json();
    if (import_.offset === offset) throw new Error(`nothing was read from byte ${offset}`);
    offset = import_.offset;
    found.push(...import_.found);
  }
  return { import: answer.json(), found };
}

/** The whole way of a file; answers the commit's answer. */
export async function importAll(member, collection, text, { commit = {}, ...asked } = {}) {
  const bytes = Buffer.from(text);
  const path = await begin(member, collection, bytes, asked);
  const sent = await sendAll(member, path, bytes);
  return { path, ...sent, committed: await member.post(`${path}/commit`, commit) };
}

/** Every record of a collection, by id. */
export async function everyRecord(member, collection, agent) {
  const found = [];
  for (let after = ""; ;) {
    const page = (await member.get(at(collection, `/records?limit=200${after && `&after=${encodeURIComponent(after)}`}`, agent))).json();
    found.push(...page.records);
    if (!page.next) return found;
    after = page.next;
  }
}
