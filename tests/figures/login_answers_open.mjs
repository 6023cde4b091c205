// login_answers_open: answers of a company's log-in that prove nobody and signed somebody in all the same. Bar: 0.
import { tryLoginAnswers } from "../rig/login_answers.mjs";

const { tried, controls, open, wrongly } = await tryLoginAnswers();
for (const one of open) console.error(`signed in, or worse: ${one}`);
for (const one of wrongly) console.error(`should have passed: ${one}`);
// Where honest answers are refused, refusing the others shows nothing.
if (wrongly.length > 0) throw new Error(`${wrongly.length} of ${controls} honest answers were refused`);
console.log(JSON.stringify({ value: open.length, detail: `${tried} answers that prove nobody: ${open.length} let somebody in; ${controls} of ${controls} honest ones passed` }));
