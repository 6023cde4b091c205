// sms_over_cap: messages that left over a cap when 10,000 made-up numbers of 30 countries are asked for. Bar: 0, and an alarm.
import { overCaps, pump } from "../rig/pumping.mjs";

const { asked, said, phone, alarms, delivered, complaints } = await pump(10_000);
const agents = Object.keys(said);
const over = agents.map((id) => overCaps(said[id], phone));
const sum = over.flatMap((one) => Object.values(one)).reduce((all, one) => all + one, 0);
const counted = agents.reduce((all, id) => all + said[id].length, 0);
// Not taken at all when a cap raised no alarm (then it was not reached), when nothing got through, or when the service saw others.
const raised = alarms.ag_silent.includes("phone_health") && ["phone_prefix", "phone_dial_code", "phone_day"].every((budget) => alarms.ag_typing.includes(budget));
const honest = raised && agents.every((id) => said[id].length > 40) && counted === delivered && asked.valid >= 10_000 && complaints.length === 0;
const shown = agents.map((id) => `${id} sent ${said[id].length}, alarms ${alarms[id].join(" ")}`).join("; ");
const detail = `${asked.valid} valid numbers asked for, ${asked.sent} sent, ${asked.refused} refused (${asked.invalid} more were no numbers); ${shown}; over: ${JSON.stringify(over)}`;
console.log(JSON.stringify({ value: honest ? sum : null, detail }));
