// Judges the JSON Schema of labc with a strict validator, on specs read by a YAML 1.2 core reader.
//
//   validate.mjs SCHEMA LIST      LIST: lines "valid FILE" and "refused FILE" and "either FILE"
//
// Prints a line "ok ..." or "FAIL ..." for each, and at the end what the first errors say for what was to be valid.
import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import { parseDocument } from 'yaml';

const [schemaFile, list] = process.argv.slice(2);
let validate;
try {
  const ajv = new Ajv2020({ strict: true, allErrors: false, validateFormats: false });
  validate = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')));
  console.log('ok the schema compiles in strict mode');
} catch (e) {
  console.log(`FAIL the schema does not compile: ${e.message}`);
  process.exit(1);
}

/** The value of a spec, or why it has none: a YAML mistake is a refusal too. */
function read(file) {
  const doc = parseDocument(readFileSync(file, 'utf8'), { version: '1.2', schema: 'core', merge: true, logLevel: 'silent' });
  if (doc.errors.length) throw doc.errors[0];
  return doc.toJS({ maxAliasCount: 10000 });
}

function verdict(file) {
  try {
    if (validate(read(file))) return null;
    const e = validate.errors[0];
    return `${e.instancePath || '/'} ${e.message}`;
  } catch (e) {
    return e.message.split('\n')[0];
  }
}

for (const line of readFileSync(list, 'utf8').split('\n').filter(Boolean)) {
  const [want, ...rest] = line.split(' ');
  const file = rest.join(' ');
  const why = verdict(file);
  if (want === 'valid') console.log(why ? `FAIL ${file} is valid and refused: ${why}` : `ok ${file}`);
  else if (want === 'refused') console.log(why ? `ok ${file} refused: ${why}` : `FAIL ${file} is not refused`);
  else console.log(`either ${file} ${why ? 'refused' : 'valid'}`);
}
