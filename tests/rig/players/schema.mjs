// Judges a vendor's request by the vendor's own OpenAPI description, where that is on this machine.
import Ajv2020 from "ajv/dist/2020.js";

import { vendorFile } from "../paths.mjs";

/**
 * A judge of one schema of an OpenAPI 3.1 file: `judge(value)` gives a list of complaints, empty when all is well.
 * Keys that the description does not name are complaints too: vendors drop them silently, so a misspelt one is a bug.
 * `undefined` where the file is missing.
 */
export function judgeOf(file, name) {
  const description = vendorFile(file);
  if (!description) return undefined;
  const ajv = new Ajv2020.default({ strict: false, validateFormats: false, allErrors: true, logger: false });
  ajv.addSchema({ $id: "https://vendor.invalid/openapi.json", components: description.components });
  const validate = ajv.compile({ $ref: `https://vendor.invalid/openapi.json#/components/schemas/${name}` });
  const known = keysOf(description.components.schemas, description.components.schemas[name]);
  return (value) => {
    const complaints = validate(value) ? [] : validate.errors.map((error) => `${error.instancePath || "/"} ${error.message}`);
    for (const key of Object.keys(value ?? {})) {
      if (!known.has(key)) complaints.push(`/${key} is not in the description`);
    }
    return complaints;
  };
}

/**
 * The same for a schema that stands in an operation: `find(description)` gives it. `beside` are keys that the vendor documents
 * elsewhere.
 */
export function judgeOfRequest(file, find, beside = []) {
  const description = vendorFile(file);
  if (!description) return undefined;
  const ajv = new Ajv2020.default({ strict: false, validateFormats: false, allErrors: true, logger: false });
  const absolute = (value) => JSON.parse(JSON.stringify(value).replaceAll('"$ref":"#/', '"$ref":"https://vendor.invalid/openapi.json#/'));
  ajv.addSchema({ $id: "https://vendor.invalid/openapi.json", components: absolute(description.components) });
  const validate = ajv.compile(absolute(find(description)));
  const known = new Set([...keysOf(description.components.schemas, find(description)), ...beside]);
  return (value) => {
    const complaints = validate(value) ? [] : validate.errors.map((error) => `${error.instancePath || "/"} ${error.message}`);
    for (const key of Object.keys(value ?? {})) {
      if (!known.has(key)) complaints.push(`/${key} is not in the description`);
    }
    return complaints;
  };
}

function keysOf(schemas, schema, found = new Set()) {
  if (schema?.$ref) return keysOf(schemas, schemas[schema.$ref.split("/").pop()], found);
  for (const key of Object.keys(schema?.properties ?? {})) found.add(key);
  for (const part of [...(schema?.allOf ?? []), ...(schema?.anyOf ?? []), ...(schema?.oneOf ?? [])]) keysOf(schemas, part, found);
  return found;
}
