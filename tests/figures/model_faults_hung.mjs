// model_faults_hung: turns that did not end within 65 s, over 10,000 seeded faults of a model (R62). Bar: 0.
import { faultsOfModels } from "../rig/faults.mjs";

const faults = Number(process.env.FAULTS ?? 10_000);
const { hung, ends, seconds } = await faultsOfModels({ faults });
for (const one of hung.slice(0, 20)) console.error(JSON.stringify(one));
console.log(JSON.stringify({ value: hung.length, detail: `${faults} faults, half through each protocol, in ${seconds} s: ${JSON.stringify(ends)}` }));
