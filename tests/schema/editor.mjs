// Drives the YAML language server, the program behind the YAML support of most editors, over its protocol, with
// the JSON Schema of labc: does it complete a field, explain one, mark a wrong one, and leave good specs alone?
//
//   editor.mjs SERVER SCHEMA EXAMPLE...
//
// Prints a line "ok ..." or "FAIL ..." for each.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [serverFile, schemaFile, ...examples] = process.argv.slice(2);
const schema = pathToFileURL(resolve(schemaFile)).href;
const patience = 60000;

// --- the protocol: JSON-RPC with a header of lengths ---

const server = spawn(process.execPath, [serverFile, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
const waiting = new Map(); // request id -> resolve
const marks = new Map(); // uri -> diagnostics last published
let listeners = [];
let received = Buffer.alloc(0);
let nextId = 1;

function send(message) {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
  server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
  server.stdin.write(body);
}

function request(method, params) {
  const id = nextId++;
  send({ id, method, params });
  return new Promise((done) => waiting.set(id, done));
}

/** What the server asks: its settings; everything else is granted. */
function answer({ id, method, params }) {
  const settings = { yaml: { schemas: { [schema]: '*.yaml' }, validate: true, completion: true, hover: true, schemaStore: { enable: false } } };
  const result = method === 'workspace/configuration' ? params.items.map((i) => settings[i.section] ?? null) : null;
  send({ id, result });
}

function take(message) {
  if (message.method && message.id !== undefined) answer(message);
  else if (message.id !== undefined) waiting.get(message.id)?.(message.result ?? message);
  else if (message.method === 'textDocument/publishDiagnostics') {
    marks.set(message.params.uri, message.params.diagnostics);
    listeners = listeners.filter((l) => !l(message.params.uri));
  }
}

server.stdout.on('data', (chunk) => {
  received = Buffer.concat([received, chunk]);
  for (;;) {
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(received.subarray(0, end).toString())[1]);
    if (received.length < end + 4 + length) return;
    const body = received.subarray(end + 4, end + 4 + length).toString();
    received = received.subarray(end + 4 + length);
    take(JSON.parse(body));
  }
});

// --- documents ---

let opened = 0;
/** Opens a text in the server; gives its address once it has been judged. */
async function open(text) {
  const uri = `file:///editor/${++opened}.yaml`;
  const judged = new Promise((done) => listeners.push((u) => u === uri && (done(), true)));
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version: 1, text } } });
  await judged;
  return uri;
}

/** The text without the mark `|`, and where it stood. */
function cursor(text) {
  const at = text.indexOf('|');
  const before = text.slice(0, at).split('\n');
  return { text: text.slice(0, at) + text.slice(at + 1), position: { line: before.length - 1, character: before.at(-1).length } };
}

async function ask(method, marked) {
  const { text, position } = cursor(marked);
  return request(method, { textDocument: { uri: await open(text) }, position });
}

// --- the checks ---

function check(what, ok, found) {
  console.log(ok ? `ok ${what}` : `FAIL ${what}: ${JSON.stringify(found)?.slice(0, 400)}`);
}

const top = 'labc: 1\nname: editor\ntarget: azure-vm\nhost:\n  size: Standard_D4s_v5\nguests:\n  web:\n    os: debian-12\n';

async function completes(what, marked, label) {
  const result = await ask('textDocument/completion', marked);
  const labels = (result.items ?? result).map?.((i) => i.label) ?? result;
  check(`completes ${what}`, labels.includes?.(label), labels);
}

async function hovers(what, marked, words) {
  const result = await ask('textDocument/hover', marked);
  const text = result?.contents?.value ?? result;
  check(`hovers ${what}`, typeof text === 'string' && text.includes(words), result);
}

async function marksAt(what, text, line, words) {
  const found = marks.get(await open(text));
  check(`marks ${what}`, found.length === 1 && found[0].range.start.line === line && found[0].message.includes(words), found);
}

async function all() {
  await request('initialize', { processId: process.pid, rootUri: null, capabilities: { workspace: { configuration: true },
    textDocument: { hover: { contentFormat: ['markdown'] }, completion: { completionItem: { documentationFormat: ['markdown'] } } } } });
  send({ method: 'initialized', params: {} });
  send({ method: 'workspace/didChangeConfiguration', params: { settings: { yaml: { schemas: { [schema]: '*.yaml' } } } } });
  // it fetches its settings by itself and says nothing when it has them
  await new Promise((done) => setTimeout(done, 500));

  await completes('a field at the top', 'labc: 1\nname: editor\ntarg|', 'target');
  await completes('a field of a guest', `${top}    mem|`, 'memory');
  await completes('a field of a host', 'labc: 1\nname: editor\nhost:\n  siz|', 'size');
  await completes('the values of a field', 'labc: 1\nname: editor\ntarget: |', 'hyper-v');
  await completes('the system of a guest', `${top.replace('os: debian-12', 'os: |')}`, 'ubuntu-22.04');
  await hovers('a field of a guest', `${top}    mem|ory: 4 GiB\n`, 'a size, or a map for dynamic memory');
  await hovers('a field at the top', top.replace('target', 'tar|get'), 'Where the lab runs');
  await marksAt('an unknown field of a guest', `${top}    memroy: 4 GiB\n`, 8, 'memroy');
  await marksAt('a value that is none of the words', top.replace('azure-vm', 'azure-wm'), 2, 'lab-services');
  await marksAt('a size without a unit', `${top}    memory: 4096\n`, 8, '');
  for (const file of examples) {
    const found = marks.get(await open(readFileSync(file, 'utf8')));
    check(`leaves ${file} alone`, found.length === 0, found);
  }
}

const late = setTimeout(() => {
  console.log('FAIL the language server does not answer');
  server.kill();
  process.exit(1);
}, patience);
server.on('exit', (code) => {
  if (code === null || code === 0) return;
  console.log(`FAIL the language server ended with ${code}`);
  process.exit(1);
});
await all();
clearTimeout(late);
server.kill();
process.exit(0);
