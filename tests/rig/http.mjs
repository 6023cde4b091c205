// Requests with exactly the headers that were asked for: `fetch` adds some of its own and normalises others.
import http from "node:http";

const agent = new http.Agent({ keepAlive: true, maxSockets: 512 });

/** One request. Resolves to `{status, headers, setCookie, text, json()}` whatever the status. */
export function request(url, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = http.request(url, { method, headers, agent }, (incoming) => {
      const chunks = [];
      incoming.on("data", (chunk) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({
          status: incoming.statusCode,
          headers: incoming.headers,
          setCookie: incoming.headers["set-cookie"] ?? [],
          text,
          json: () => JSON.parse(text),
        });
      });
    });
    outgoing.on("error", reject);
    if (body !== undefined) outgoing.write(body);
    outgoing.end();
  });
}
