// Judges one set of outputs: node validate.mjs SCHEMAS DIR, where DIR has one file a format, named as the format.
// Prints "ok ..." or "FAIL ..." lines; run.sh adds them up.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { validateXML } from "xmllint-wasm";
import { error, warning, notice } from "@actions/core";

const { commandFromString } = createRequire(import.meta.url)("azure-pipelines-task-lib/taskcommand");
const [schemas, dir] = process.argv.slice(2);
const read = (name) => readFileSync(join(dir, name), "utf8");
const lines = (text) => text.split("\n").filter((line) => line !== "");

async function check(name, judge) {
	try {
		const problem = await judge();
		console.log(problem ? `FAIL ${name}: ${problem}` : `ok ${name}`);
	} catch (e) {
		console.log(`FAIL ${name}: ${e.message}`);
	}
}
function assert(condition, text) {
	if (!condition) throw new Error(text);
}

const ajv = new Ajv({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true });
addFormats.default(ajv);
function validator(file, part = "") {
	const schema = JSON.parse(readFileSync(join(schemas, file), "utf8"));
	schema.$id ??= `https://labc.invalid/${file}`;
	if (!ajv.getSchema(schema.$id)) ajv.addSchema(schema);
	return ajv.getSchema(schema.$id + part);
}
function validate(validator, value) {
	return validator(value) ? "" : ajv.errorsText(validator.errors.slice(0, 5));
}

const document = JSON.parse(read("json"));
const shown = document.findings.filter((f) => !f.suppressed);
const text = (f) => (f.help === null ? f.message : `${f.message}\nhelp: ${f.help}`);

// What logs and XML show instead of characters that they cannot carry.
function visible(s, but) {
	return Array.from(s).map((c) => {
		if (but.includes(c)) return c;
		if (c === "\t") return "\\t";
		const n = c.codePointAt(0);
		if (n < 0x20 || (n >= 0x7f && n < 0xa0)) return `\\x${n.toString(16).padStart(2, "0")}`;
		if ((n >= 0x200b && n <= 0x206f) || n === 0xfeff) return `<U+${n.toString(16).toUpperCase().padStart(4, "0")}>`;
		return c;
	}).join("");
}
// A byte that was no UTF-8 is \xNN in a log and U+FFFD in JSON.
const bytes = (s) => s.replaceAll(/\\x[89a-f][0-9a-f]/g, "\uFFFD");

await check("json: schema", () => validate(validator("json.schema.json"), document));
await check("json: summary counts the findings", () => {
	for (const severity of ["error", "warning", "note"])
		assert(document.summary[`${severity}s`] === shown.filter((f) => f.severity === severity).length, severity);
	assert(document.summary.suppressed === document.findings.length - shown.length, "suppressed");
});
await check("json: ASCII only", () => /^[\x00-\x7f]*$/.test(read("json")) ? "" : "other characters");
await check("jsonl: schema of every line, the findings of json", () => {
	const findings = lines(read("jsonl")).map((line) => JSON.parse(line));
	const valid = validator("json.schema.json", "#/$defs/finding");
	for (const f of findings) assert(valid(f), ajv.errorsText(valid.errors));
	assert(JSON.stringify(findings) === JSON.stringify(document.findings), "differs from json");
	assert(read("jsonl") === "" || read("jsonl").endsWith("\n"), "no line end at the end");
});

await check("gitlab: schema", () => validate(validator("gitlab.schema.json"), JSON.parse(read("gitlab"))));
await check("gitlab: one issue a finding, fingerprints differ", () => {
	const issues = JSON.parse(read("gitlab"));
	assert(issues.length === shown.length, "count");
	assert(new Set(issues.map((i) => i.fingerprint)).size === issues.length, "equal fingerprints");
	assert(!read("gitlab").startsWith("\uFEFF"), "byte order mark");
});
await check("rdjson: schema", () => validate(validator("rdjson.schema.json"), JSON.parse(read("rdjson"))));
await check("rdjson: one diagnostic a finding", () => {
	const all = JSON.parse(read("rdjson")).diagnostics;
	assert(all.length === shown.length, "count");
	all.forEach((d, i) => assert(d.message.startsWith(text(shown[i])) && d.location.path === shown[i].path, d.message));
});

await check("sarif: schema of what GitHub asks for", () => validate(validator("sarif.schema.json"), JSON.parse(read("sarif"))));
await check("sarif: rules, links and fixes", () => {
	const run = JSON.parse(read("sarif")).runs[0];
	const rules = run.tool.driver.rules.map((r) => r.id);
	assert(run.results.length === document.findings.length, "count");
	assert(new Set(rules).size === rules.length, "a rule twice");
	run.results.forEach((r, i) => {
		const f = document.findings[i];
		assert(rules.includes(r.ruleId), `no rule ${r.ruleId}`);
		assert(decodeURIComponent(r.locations[0].physicalLocation.artifactLocation.uri.replace("file://", "")) === f.path, f.path);
		assert((r.suppressions.length > 0) === f.suppressed, "suppressions");
		assert((r.relatedLocations?.length ?? 0) === f.labels.length, "labels");
		for (const l of r.relatedLocations ?? []) assert(r.message.text.includes(`](${l.id})`), "no link");
		assert((r.fixes !== undefined) === (f.fix !== null), "fixes");
	});
});

// --- GitHub: what its own toolkit writes for the same findings ---
function toolkit(f) {
	const written = [];
	const out = process.stdout.write;
	process.stdout.write = (chunk) => written.push(chunk);
	try {
		const one = f.start.line === f.end.line;
		({ error, warning, note: notice })[f.severity](visible(text(f), "\r\n"), {
			title: f.code, file: visible(f.path, "\r\n"), startLine: f.start.line, endLine: f.end.line,
			startColumn: one ? f.start.column : undefined, endColumn: one ? f.end.column : undefined,
		});
	} finally {
		process.stdout.write = out;
	}
	return written.join("").trimEnd();
}
await check("github: the lines of @actions/core", () => {
	const want = shown.map(toolkit).sort(), got = lines(bytes(read("github"))).sort();
	assert(got.length === want.length, `${got.length} lines for ${want.length} findings`);
	got.forEach((line, i) => assert(line === want[i], `\n  got  ${line}\n  want ${want[i]}`));
});

// --- Azure: what its task library reads ---
await check("azure: read back by azure-pipelines-task-lib", () => {
	const want = shown.filter((f) => f.severity !== "note");
	const got = lines(read("azure"));
	assert(got.length === want.length, `${got.length} lines for ${want.length} findings`);
	got.forEach((line, i) => {
		const f = want[i], c = commandFromString(line), p = c.properties;
		// the library of this version writes the percent sign so, and the agent reads it so
		const back = (s) => bytes(s.replaceAll("%AZP25", "%"));
		assert(c.command.trim() === "task.logissue", c.command);
		assert(Object.keys(p).join() === "type,sourcepath,linenumber,columnnumber,code", Object.keys(p).join());
		assert(p.type === f.severity && p.code === f.code, p.type);
		assert(p.linenumber === String(f.start.line) && p.columnnumber === String(f.start.column), p.linenumber);
		assert(back(p.sourcepath) === visible(f.path, "\r\n"), p.sourcepath);
	});
});

// --- XML ---
async function xml(name, schema) {
	const result = await validateXML({
		xml: [{ fileName: `${name}.xml`, contents: read(name) }],
		schema: [readFileSync(join(schemas, schema), "utf8")],
	});
	return result.valid ? "" : result.errors.map((e) => e.message).join("; ");
}
await check("junit: schema (libxml2)", () => xml("junit", "junit.xsd"));
await check("checkstyle: schema (libxml2)", () => xml("checkstyle", "checkstyle.xsd"));
await check("junit: one suite a file, one case a finding", () => {
	const suites = read("junit").split("<testsuite ").length - 1;
	const cases = read("junit").split("<testcase ").length - 1;
	const files = new Set(document.findings.map((f) => f.path)).size;
	const clean = read("junit").split('name="no findings"').length - 1;
	assert(suites === files + clean && suites >= document.summary.files, `${suites} suites`);
	assert(cases === document.findings.length + clean, `${cases} cases`);
});
