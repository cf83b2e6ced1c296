// Parses bodies by the zod schemas of @octocloud/types: one line of JSON in, {"schema": …, "body": …}, one line out,
// a list of [path, what is wrong]. Run in the folder in which the package is installed.
const { createInterface } = require("node:readline");
const { createRequire } = require("node:module");

const schemas = createRequire(`${process.cwd()}/`)("@octocloud/types");

// zod leaves out what a schema does not name. Here that is wrong: another server's words are not OCTO.
function* unknown(given, parsed, path) {
  if (given === null || typeof given !== "object") return;
  for (const key of Object.keys(given)) {
    const here = [...path, key];
    if (!Object.hasOwn(parsed, key)) yield [here.join("."), "no field of the schema"];
    else yield* unknown(given[key], parsed[key], here);
  }
}

function* issues(found, path = []) {
  for (const issue of found) {
    const here = [...path, ...issue.path];
    if (issue.code === "invalid_union") for (const one of issue.unionErrors) yield* issues(one.issues);
    else yield [here.join("."), issue.message];
  }
}

function wrong({ schema, body }) {
  if (!schemas[schema]) return [["", `the package has no schema ${schema}`]];
  const result = schemas[schema].safeParse(body);
  return result.success ? [...unknown(body, result.data, [])] : [...issues(result.error.issues)];
}

createInterface({ input: process.stdin }).on("line", (line) => console.log(JSON.stringify(wrong(JSON.parse(line)))));
