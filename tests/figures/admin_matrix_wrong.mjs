// admin_matrix_wrong: cells of routes × methods × who asks in which the edge does not do what docs/admin-api.md says. Bar: 0.
import { matrix } from "../rig/matrix.mjs";

const { wrong, asked, table, people, routes } = await matrix();
for (const line of [["path", "method", ...people], ...table]) console.error(`| ${line.join(" | ")} |`);
for (const one of wrong) console.error(`wrong: ${one}`);
console.log(JSON.stringify({
  value: wrong.length,
  detail: `${asked} requests: ${routes} routes, 5 methods each, by ${people.length} who ask (${people.join(", ")}); ${wrong.length} answered otherwise than docs/admin-api.md says`,
}));
