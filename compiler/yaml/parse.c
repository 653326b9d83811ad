/* libyaml's events into the flat tree. The only file that knows libyaml. */
#include "yaml/internal.h"

#include <string.h>
#include <yaml.h>

#include "base/bug.h"
#include "base/utf8.h"

/* Marks count code points; the cursor moves with them, mostly forward. */
static uint32_t to_byte(struct yparse *p, size_t index)
{
	const unsigned char *s = (const unsigned char *)p->d->work;

	if (p->ascii) {
		size_t at = p->base + index;

		return at < p->end ? (uint32_t)at : p->end;
	}
	while (p->cp < index && p->byte < p->end) {
		unsigned char c = s[p->byte];

		p->byte += c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
		p->cp++;
	}
	while (p->cp > index && p->byte > p->base) {
		p->byte--;
		if ((s[p->byte] & 0xC0) != 0x80)
			p->cp--;
	}
	return p->byte;
}

/* Skips anchor, tag, blanks and comments in front of a value; notes where anchor and tag stand. */
static uint32_t skip_properties(const struct yparse *p, uint32_t at, struct span *anchor, struct span *tag)
{
	const char *s = p->d->work;
	uint32_t end = p->end;

	*anchor = *tag = yspan(p->d, at, at);
	while (at < end) {
		uint32_t from = at;

		if (s[at] == '&' && !anchor->len) {
			for (at++; at < end && (ch_is_alnum(s[at]) || s[at] == '_' || s[at] == '-');)
				at++;
			*anchor = yspan(p->d, from, at);
		} else if (s[at] == '!' && !tag->len) {
			bool verbatim = at + 1 < end && s[at + 1] == '<';

			while (at < end && !ych_space(s[at]) && (verbatim || s[at] != ','))
				at++;
			*tag = yspan(p->d, from, at);
		} else if (s[at] == '#' && from > 0 && ych_space(s[from - 1])) {
			at = yline_end(p->d, at);
		} else if (ych_space(s[at])) {
			at++;
		} else {
			break;
		}
	}
	return at;
}

static uint32_t new_node(struct yparse *p)
{
	struct ydoc *d = p->d;

	if (d->n_nodes == p->cap_nodes) {
		uint32_t cap = p->cap_nodes + p->cap_nodes / 2 + 64;

		d->nodes =
		    arena_grow(d->a, d->nodes, p->cap_nodes, cap, sizeof(*d->nodes), _Alignof(struct ynode));
		p->cap_nodes = cap;
	}
	return d->n_nodes++;
}

static uint32_t add_node(struct yparse *p, enum ynode_kind kind, uint8_t style, uint32_t lo, uint32_t hi)
{
	uint32_t n = new_node(p);
	struct ydoc *d = p->d;
	struct ynode *node = &d->nodes[n];

	/* the place of an empty value may lie behind that of the next node: keep the order by place */
	if (lo < d->nodes[n - 1].lo)
		lo = d->nodes[n - 1].lo;
	*node = (struct ynode){.kind = (uint8_t)kind, .style = style, .lo = lo, .hi = hi < lo ? lo : hi};
	p->decoded++;
	if (p->depth) {
		struct yframe *f = &p->stack[p->depth - 1];

		if (f->last)
			d->nodes[f->last].next = n;
		else
			d->nodes[f->node].first = n;
		f->last = n;
		d->nodes[f->node].count++;
		f->size++;
		if (f->is_map && !f->key)
			node->flags |= YN_KEY;
	} else {
		d->root = n;
	}
	return n;
}

/* A child is complete: it is a key that waits for its value, or the value. */
static void child_done(struct yparse *p, uint32_t n)
{
	struct ydoc *d = p->d;
	struct yframe *f;
	uint32_t first;

	if (!p->depth)
		return;
	f = &p->stack[p->depth - 1];
	if (!f->is_map)
		return;
	if (f->key) {
		f->key = 0;
		return;
	}
	f->key = n;
	if (d->nodes[n].kind != YNODE_SCALAR ||
	    ((d->nodes[n].count <= 1 || d->nodes[n].count == 4) && ynode_is_null(d, n))) {
		d->nodes[n].flags |= YN_POISONED;
		d->nodes[f->node].flags |= YN_INCOMPLETE;
		VEC_ADD(d->a, &p->bad_keys, n);
		return;
	}
	if (d->nodes[n].count == 2 && ynode_is_plain(d, n) && sv_eq(ynode_text(d, n), SV("<<"))) {
		d->nodes[n].flags |= YN_MERGE_KEY;
		d->nodes[f->node].flags |= YN_MERGES;
	}
	first = yaml_key_enter(p, f, n);
	if (first) {
		d->nodes[n].flags |= YN_POISONED;
		VEC_ADD(d->a, &p->twins, ((struct ypair){n, first}));
	}
}

static void add_anchor(struct yparse *p, uint32_t n, const char *name, struct span at)
{
	struct ydoc *d = p->d;
	struct yanchor *a = VEC_PUSH(d->a, &d->anchors);
	void *number = (void *)(uintptr_t)d->anchors.n;
	struct map_entry *old;

	a->name = sv_dup(d->a, sv_from(name));
	a->at = at;
	a->node = n;
	a->size = 1;
	d->nodes[n].aux = (uint32_t)d->anchors.n;
	d->nodes[n].flags |= YN_ANCHORED;
	old = map_add(&p->names, a->name, number);
	if (old)
		old->value = number;
}

/* Core tags are kept for the schema to compare; the rest is refused. */
static void add_tag(struct yparse *p, uint32_t n, const char *tag, struct span at)
{
	static const struct {
		const char *tag;
		enum ytag value;
		enum ynode_kind kind;
	} core[] = {
	    {YAML_STR_TAG, YTAG_STR, YNODE_SCALAR},   {YAML_INT_TAG, YTAG_INT, YNODE_SCALAR},
	    {YAML_BOOL_TAG, YTAG_BOOL, YNODE_SCALAR}, {YAML_MAP_TAG, YTAG_MAP, YNODE_MAP},
	    {YAML_SEQ_TAG, YTAG_SEQ, YNODE_SEQ},
	};
	struct ydoc *d = p->d;
	bool is_key = (d->nodes[n].flags & YN_KEY) != 0;

	for (size_t i = 0; i < COUNTOF(core); i++) {
		if (strcmp(tag, core[i].tag) != 0)
			continue;
		if (core[i].kind != d->nodes[n].kind || (is_key && core[i].value != YTAG_STR))
			break;
		d->nodes[n].flags |= YN_TAGGED;
		VEC_ADD(d->a, &d->tags, ((struct ytag_use){n, core[i].value, at}));
		return;
	}
	d->nodes[n].flags |= YN_POISONED;
	VEC_ADD(d->a, &p->bad_tags, ((struct ynamed){n, at, sv_dup(d->a, sv_from(tag))}));
}

/* Keeps the text: a slice of the source if it reads the same there, else a copy. */
static void set_text(struct yparse *p, struct ynode *node, const char *text, uint32_t len)
{
	struct ydoc *d = p->d;
	uint32_t quote = node->style == YSTYLE_SINGLE || node->style == YSTYLE_DOUBLE;
	bool block = node->style == YSTYLE_LITERAL || node->style == YSTYLE_FOLDED;

	node->count = len;
	if (!block && node->hi - node->lo == len + 2 * quote &&
	    memcmp(d->work + node->lo + quote, text, len) == 0) {
		node->first = node->lo + quote;
		return;
	}
	if (p->cap_copies - d->n_copies < len || !d->copies) {
		uint32_t cap = p->cap_copies + p->cap_copies / 2 + len + 256;

		d->copies = arena_grow(d->a, d->copies, p->cap_copies, cap, 1, 1);
		p->cap_copies = cap;
	}
	node->flags |= YN_COPIED;
	node->first = d->n_copies;
	memcpy(d->copies + d->n_copies, text, len);
	d->n_copies += len;
}

/* A block scalar ends with its last line that holds text. */
static uint32_t trim_block(const struct ydoc *d, uint32_t lo, uint32_t hi)
{
	for (;;) {
		uint32_t at = hi;

		while (at > lo && ych_blank(d->work[at - 1]))
			at--;
		if (at <= lo || !ych_break(d->work[at - 1]))
			return hi;
		while (at > lo && ych_break(d->work[at - 1]))
			at--;
		hi = at;
	}
}

static void note_lines(struct yparse *p, uint32_t n, size_t first_line, size_t last_line)
{
	struct ydoc *d = p->d;
	struct ynode *node = &d->nodes[n];

	if (first_line == last_line)
		return;
	if (node->kind == YNODE_SCALAR && node->style == YSTYLE_PLAIN) {
		if (node->lo == node->hi)
			return;
		node->flags |= YN_MULTILINE;
		VEC_ADD(d->a, &p->swallows, n);
		return;
	}
	/* quotes and brackets inside a block collection must stay right of it */
	if (p->depth && !p->stack[p->depth - 1].is_flow)
		VEC_ADD(d->a, &p->ragged, ((struct ypair){n, p->stack[p->depth - 1].col}));
}

static uint8_t scalar_style(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return YSTYLE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return YSTYLE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return YSTYLE_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return YSTYLE_FOLDED;
	default:
		return YSTYLE_PLAIN;
	}
}

static void on_scalar(struct yparse *p, const yaml_event_t *e)
{
	struct ydoc *d = p->d;
	uint8_t style = scalar_style(e->data.scalar.style);
	uint32_t lo = to_byte(p, e->start_mark.index), hi = to_byte(p, e->end_mark.index), n;
	struct span anchor, tag;
	const char *name = (const char *)e->data.scalar.anchor, *label = (const char *)e->data.scalar.tag;
	bool block = style == YSTYLE_LITERAL || style == YSTYLE_FOLDED;

	if (name || label) {
		lo = skip_properties(p, lo, &anchor, &tag);
		if (lo > hi || (!e->data.scalar.length && style == YSTYLE_PLAIN))
			lo = hi;
	}
	if (block)
		hi = trim_block(d, lo, hi);
	if (p->depth) {
		struct yframe *f = &p->stack[p->depth - 1];

		/* the first key after properties of its map tells where the keys stand */
		if (f->col == UINT32_MAX)
			f->col = (uint32_t)e->start_mark.column;
	}
	n = add_node(p, YNODE_SCALAR, style, lo, hi);
	set_text(p, &d->nodes[n], (const char *)e->data.scalar.value, (uint32_t)e->data.scalar.length);
	if (!block && e->data.scalar.length > p->o.max_scalar)
		VEC_ADD(d->a, &p->long_scalars, n);
	if (!block && e->start_mark.line != e->end_mark.line)
		note_lines(p, n, e->start_mark.line, e->end_mark.line);
	if (name)
		add_anchor(p, n, name, anchor);
	if (label)
		add_tag(p, n, label, tag);
	p->last_scalar = n;
	child_done(p, n);
}

static void on_alias(struct yparse *p, const yaml_event_t *e)
{
	struct ydoc *d = p->d;
	uint32_t lo = to_byte(p, e->start_mark.index), hi = to_byte(p, e->end_mark.index);
	struct sv name = sv_from((const char *)e->data.alias.anchor);
	uint32_t n = add_node(p, YNODE_ALIAS, YSTYLE_PLAIN, lo, hi);
	uintptr_t number = (uintptr_t)map_get(&p->names, name);
	struct yanchor *a;

	if (!number) {
		d->nodes[n].flags |= YN_POISONED;
		VEC_ADD(d->a, &p->undefined, ((struct ynamed){n, yspan(d, lo, hi), sv_dup(d->a, name)}));
	} else {
		a = &d->anchors.v[number - 1];
		a->used = true;
		if (d->nodes[a->node].flags & YN_OPEN) {
			d->nodes[n].flags |= YN_POISONED;
			VEC_ADD(d->a, &p->cycles, ((struct ypair){n, (uint32_t)number - 1}));
		} else {
			d->nodes[n].aux = a->node;
			if (__builtin_add_overflow(p->decoded, a->size - 1, &p->decoded))
				p->decoded = UINT64_MAX / 2;
			if (p->depth && __builtin_add_overflow(p->stack[p->depth - 1].size, a->size - 1,
							       &p->stack[p->depth - 1].size))
				p->stack[p->depth - 1].size = UINT64_MAX / 2;
			VEC_ADD(
			    d->a, &p->aliases,
			    ((struct ynamed){.node = n,
					     .at = {0, (uint32_t)p->decoded, (uint32_t)(p->decoded >> 32)}}));
		}
	}
	child_done(p, n);
}

static bool open_collection(struct yparse *p, const yaml_event_t *e, bool is_map)
{
	struct ydoc *d = p->d;
	const char *name =
	    (const char *)(is_map ? e->data.mapping_start.anchor : e->data.sequence_start.anchor);
	const char *label = (const char *)(is_map ? e->data.mapping_start.tag : e->data.sequence_start.tag);
	bool flow = is_map ? e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
			   : e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	uint32_t lo = to_byte(p, e->start_mark.index), n;
	struct span anchor, tag;
	struct yframe *f;

	if (name || label)
		lo = skip_properties(p, lo, &anchor, &tag);
	if (p->depth == p->o.max_depth) {
		p->fail = (struct yfail){.kind = YFAIL_DEPTH, .at = lo};
		return false;
	}
	if (p->depth && p->stack[p->depth - 1].col == UINT32_MAX)
		p->stack[p->depth - 1].col = (uint32_t)e->start_mark.column;
	n = add_node(p, is_map ? YNODE_MAP : YNODE_SEQ, flow ? YSTYLE_FLOW : YSTYLE_BLOCK, lo, lo);
	d->nodes[n].flags |= YN_OPEN;
	if (name)
		add_anchor(p, n, name, anchor);
	if (label)
		add_tag(p, n, label, tag);
	if (p->depth == p->cap_stack) {
		p->stack = arena_grow(d->a, p->stack, p->cap_stack, p->cap_stack * 2, sizeof(*p->stack),
				      _Alignof(struct yframe));
		p->cap_stack *= 2;
	}
	f = &p->stack[p->depth++];
	f->node = n;
	f->last = f->key = f->n_keys = 0;
	f->is_map = is_map;
	f->is_flow = flow;
	f->size = 1;
	f->index = (struct yindex){0};
	f->line = e->start_mark.line;
	f->col = (uint32_t)e->start_mark.column;
	if (name || label)
		f->col = is_map ? UINT32_MAX : yline_col(d, lo);
	return true;
}

static void close_collection(struct yparse *p, const yaml_event_t *e)
{
	struct ydoc *d = p->d;
	struct yframe *f = &p->stack[--p->depth];
	struct ynode *node = &d->nodes[f->node];
	char open = d->work[node->lo];
	uint32_t n = f->node;

	node->flags &= (uint16_t)~YN_OPEN;
	if (f->is_flow && e && (open == '{' || open == '[')) {
		node->hi = to_byte(p, e->end_mark.index);
		note_lines(p, n, f->line, e->end_mark.line);
	} else if (f->last) {
		node->hi = d->nodes[f->last].hi;
	}
	if (!f->is_flow)
		p->closed = (struct ypair){f->col, p->depth ? p->stack[p->depth - 1].key : 0};
	if (f->index.slots) {
		*VEC_PUSH(d->a, &d->indexes) = f->index;
		node->hash = (uint32_t)d->indexes.n;
	}
	if (node->flags & YN_MERGES)
		VEC_ADD(d->a, &d->merges, ((struct ymerge){.map = n}));
	if (node->aux)
		d->anchors.v[node->aux - 1].size = f->size;
	if (p->depth &&
	    __builtin_add_overflow(p->stack[p->depth - 1].size, f->size - 1, &p->stack[p->depth - 1].size))
		p->stack[p->depth - 1].size = UINT64_MAX / 2;
	child_done(p, n);
}

/* What was read before an error stays useful: a key without its value gets a poisoned one. */
void yaml_close_open(struct yparse *p)
{
	while (p->depth) {
		struct yframe *f = &p->stack[p->depth - 1];

		p->d->nodes[f->node].flags |= YN_INCOMPLETE;
		if (f->is_map && f->key) {
			uint32_t hi = p->d->nodes[f->key].hi,
				 n = add_node(p, YNODE_SCALAR, YSTYLE_PLAIN, hi, hi);

			p->d->nodes[n].first = hi;
			p->d->nodes[n].flags |= YN_POISONED;
			child_done(p, n);
		}
		close_collection(p, NULL);
	}
}

static bool on_event(struct yparse *p, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		on_scalar(p, e);
		return true;
	case YAML_ALIAS_EVENT:
		on_alias(p, e);
		return true;
	case YAML_MAPPING_START_EVENT:
		return open_collection(p, e, true);
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(p, e, false);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		close_collection(p, e);
		return true;
	case YAML_DOCUMENT_START_EVENT:
		if (p->has_doc) {
			p->second_doc = to_byte(p, e->start_mark.index);
			p->ended = true;
		}
		p->has_doc = true;
		return true;
	case YAML_STREAM_END_EVENT:
		p->ended = true;
		return true;
	default:
		return true;
	}
}

static void note_failure(struct yparse *p, const yaml_parser_t *y)
{
	if (y->error == YAML_MEMORY_ERROR)
		bug_no_memory();
	p->fail = (struct yfail){.kind = YFAIL_SYNTAX,
				 .context = y->context ? y->context : "",
				 .problem = y->problem ? y->problem : ""};
	if (y->error == YAML_READER_ERROR) {
		p->fail.at = p->base + (uint32_t)y->problem_offset;
		if (p->fail.at > p->end)
			p->fail.at = p->end;
		return;
	}
	p->fail.at = to_byte(p, y->problem_mark.index);
	if (y->context) {
		p->fail.from = to_byte(p, y->context_mark.index);
		p->fail.has_from = true;
	}
}

static void reset(struct yparse *p)
{
	struct ydoc *d = p->d;

	if (!d->nodes) {
		p->cap_nodes = (uint32_t)(d->text.n / 10) + 64;
		d->nodes = arena_alloc_raw(d->a, p->cap_nodes, sizeof(*d->nodes), _Alignof(struct ynode));
		d->nodes[0] = (struct ynode){ 0 };
	}
	d->n_nodes = 1;
	d->n_copies = 0;
	d->root = 0;
	d->tags.n = d->anchors.n = d->indexes.n = d->merges.n = 0;
	p->undefined.n = p->cycles.n = p->twins.n = p->bad_keys.n = p->long_scalars.n = 0;
	p->swallows.n = p->ragged.n = p->bad_tags.n = p->aliases.n = 0;
	p->cp = 0;
	p->byte = p->base;
	p->depth = 0;
	p->closed = (struct ypair){0};
	p->last_scalar = 0;
	p->decoded = 0;
	p->has_doc = p->ended = false;
	p->second_doc = 0;
	p->fail = (struct yfail){0};
	map_init(&p->names, d->a, false);
}

bool yaml_attempt(struct yparse *p)
{
	yaml_parser_t parser;
	bool ok = true;

	reset(p);
	if (!yaml_parser_initialize(&parser))
		bug_no_memory();
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)p->d->work + p->base, p->end - p->base);
	while (ok && !p->ended) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			note_failure(p, &parser);
			ok = false;
			break;
		}
		ok = on_event(p, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return ok;
}
