// Judges generated Markdown with the parser that GitHub's Markdown is defined by.
//
//   structure.mjs check FILE...     each file is well formed, and links and HTML are only our own
//   structure.mjs same FILE OTHER   both have the same structure: only text differs
//
// One line a rule: "ok FILE: RULE" or "FAIL FILE: RULE: why". Exit 1 on a FAIL.
import {readFileSync} from 'node:fs'
import {fromMarkdown} from 'mdast-util-from-markdown'
import {gfmFromMarkdown} from 'mdast-util-gfm'
import {gfm} from 'micromark-extension-gfm'

const OWN_LINKS = new Set(['https://labs.azure.com', 'https://labs.azure.com/virtualmachines', 'https://portal.azure.com'])
const OWN_HTML = new Set(['<details>\n<summary>Or create the lab by hand</summary>', '</details>'])

const parse = (text) => fromMarkdown(text, {extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()]})

let failed = false
function rule(file, name, mistakes) {
  if (mistakes.length > 0) {
    failed = true
    console.log(`FAIL ${file}: ${name}: ${mistakes.slice(0, 5).join('; ')}`)
  } else {
    console.log(`ok ${file}: ${name}`)
  }
}

function all(tree, found = []) {
  found.push(tree)
  for (const child of tree.children ?? []) all(child, found)
  return found
}

// Links that GitHub finds in finished text have no place of their own.
const line = (node) => node.position ? `line ${node.position.start.line}` : `'${words(node)}'`
const words = (node) => all(node).map((n) => n.value ?? '').join('')

function check(file) {
  const text = readFileSync(file, 'utf8')
  const tree = parse(text)
  const nodes = all(tree)
  const of = (type) => nodes.filter((n) => n.type === type)

  rule(file, 'is plain text with line ends of one kind',
    /[\r\u0000-\u0008\u000b-\u001f\ufeff\u202a-\u202e\u2066-\u2069]/.test(text) || !text.endsWith('\n') ? ['a stray character'] : [])
  const headings = of('heading')
  rule(file, 'begins with its one title',
    tree.children[0]?.type === 'heading' && headings.filter((h) => h.depth === 1).length === 1 && headings[0].depth === 1 ? [] : ['no'])
  rule(file, 'skips no level of headings',
    headings.filter((h, i) => i > 0 && h.depth > headings[i - 1].depth + 1).map(line))
  rule(file, 'has words in every heading', headings.filter((h) => words(h).trim() === '').map(line))
  rule(file, 'links only where it should',
    [...of('link'), ...of('definition')].filter((n) => !OWN_LINKS.has(n.url)).map((n) => `${line(n)}: ${n.url}`))
  rule(file, 'has no image, footnote or reference',
    ['image', 'imageReference', 'linkReference', 'footnoteReference', 'footnoteDefinition'].flatMap(of).map(line))
  rule(file, 'has no HTML but our own', of('html').filter((n) => !OWN_HTML.has(n.value)).map((n) => `${line(n)}: ${n.value}`))

  rule(file, 'has full rows in every table', of('table').flatMap((table) =>
    table.children.filter((row) => row.children.length !== table.children[0].children.length).map(line)))
  rule(file, 'has rows in every table', of('table').filter((t) => t.children.length < 2).map(line))
  rule(file, 'has no broken table',
    of('paragraph').filter((p) => /^\s*\|/m.test(text.slice(p.position.start.offset, p.position.end.offset))).map(line))
  const source = text.split('\n')
  rule(file, 'closes every block of code',
    of('code').filter((c) => source[c.position.start.line - 1].trim().startsWith('```') &&
      source[c.position.end.line - 1].trim() !== '```').map(line))
  rule(file, 'has words in every block of code', of('code').filter((c) => c.value.trim() === '').map(line))
  rule(file, 'has no line twice blank outside code', (() => {
    const inCode = new Set(of('code').flatMap((c) => {
      const lines = []
      for (let n = c.position.start.line; n <= c.position.end.line; n++) lines.push(n)
      return lines
    }))
    return source.flatMap((s, i) =>
      i + 2 < source.length && s === '' && source[i + 1] === '' && !inCode.has(i + 1) ? [`line ${i + 2}`] : [])
  })())
}

// The structure: kinds of nodes in order, with what the reader's program acts on; no text.
function outline(tree, depth = 0, found = []) {
  const facts = [tree.type, tree.depth, tree.ordered, tree.start, tree.checked, tree.lang, tree.url, (tree.align ?? []).length || undefined,
    tree.type === 'html' ? tree.value : undefined]
  found.push(' '.repeat(depth) + facts.filter((f) => f !== undefined && f !== null).join(' '))
  for (const child of tree.children ?? []) outline(child, depth + 1, found)
  return found
}

function same(file, other) {
  const [left, right] = [file, other].map((f) => outline(parse(readFileSync(f, 'utf8'))))
  const count = (o, type) => o.filter((l) => l.trim().split(' ')[0] === type).length
  for (const type of ['link', 'html', 'inlineCode', 'code', 'heading', 'tableCell', 'listItem', 'emphasis', 'strong', 'delete']) {
    rule(other, `has as many of ${type} as ${file}`,
      count(left, type) === count(right, type) ? [] : [`${count(left, type)} and ${count(right, type)}`])
  }
  const at = left.findIndex((l, i) => l !== right[i])
  const end = Math.max(left.length, right.length)
  const place = at >= 0 ? at : left.length === right.length ? -1 : end - 1
  rule(other, `has the structure of ${file}`, place < 0 ? [] : [`node ${place}: '${left[place]}' and '${right[place]}'`])
}

const [mode, ...files] = process.argv.slice(2)
if (mode === 'check' && files.length > 0) files.forEach(check)
else if (mode === 'same' && files.length === 2) same(...files)
else {
  console.error('usage: structure.mjs check FILE... | structure.mjs same FILE OTHER')
  process.exit(2)
}
process.exit(failed ? 1 : 0)
