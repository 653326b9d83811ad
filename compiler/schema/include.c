/* Files named under `include`: read, decoded, joined with the main file. */
#include "schema/decode_internal.h"

#include "base/buf.h"
#include "base/fs.h"

enum { MAX_INCLUDES = 100 };

const char *include_path_problem(struct sv path)
{
	if (path.n == 0)
		return "it is empty";
	if (path.p[0] == '/' || path.p[0] == '\\' ||
	    (path.n > 1 && ch_is_alpha(path.p[0]) && path.p[1] == ':'))
		return "it is absolute: write it relative to this file";
	if (sv_find(path, '\\') >= 0)
		return "it has backslashes: write '/'";
	for (size_t i = 0; i <= path.n;) {
		ptrdiff_t end = sv_find(sv_sub(path, i, path.n), '/');
		size_t n = end < 0 ? path.n - i : (size_t)end;

		if (sv_eq(sv_sub(path, i, n), SV("..")))
			return "it leaves the folder of this file: '..' is not allowed";
		i += n + 1;
	}
	return NULL;
}

static struct diag *file_problem(struct decoder *d, struct v_text *item, const char *why)
{
	decoder_enter(d, 0);
	item->m.state = META_POISONED;
	struct diag *g = report_at(d, CODE_INCLUDE_FILE, spec_span(d->s, item->m),
				   "'%.*s' cannot be included: %s", SV_ARG(item->v), why);
	d->s->incomplete = true; /* what it would have brought is not missing */
	return g;
}

/* Two files set the same: the finding stands in the later one. */
static void conflict(struct decoder *d, struct meta first, struct meta second, struct sv what)
{
	if (first.doc == second.doc)
		return;
	decoder_enter(d, second.doc);
	struct diag *g = report_at(d, CODE_INCLUDE_CONFLICT, spec_key_span(d->s, second),
				   "%.*s is set in two files", SV_ARG(what));
	diag_label(d->diags, g, spec_key_span(d->s, first), "and here");
	diag_help(d->diags, g, "keep it in one of them");
}

/* Joins two maps of sections; names compare ignoring case, as Windows does. */
static void join_maps(struct decoder *d, struct any_list *into, const struct any_list *from, size_t size,
		      const char *noun)
{
	struct map names;

	if (from->m.state == META_ABSENT)
		return;
	if (from->m.state == META_POISONED || (from->m.flags & META_INCOMPLETE))
		into->m.flags |= META_INCOMPLETE;
	if (into->m.state == META_ABSENT)
		into->m = from->m;
	if (from->n == 0)
		return;
	char *v = arena_alloc(d->a, into->n + from->n, size, _Alignof(max_align_t));
	map_init(&names, d->a, true);
	for (uint32_t i = 0; i < into->n + from->n; i++) {
		const char *src = i < into->n ? (const char *)into->v + size * i
					      : (const char *)from->v + size * (i - into->n);
		struct spec_head *h = (void *)(v + size * i);

		__builtin_memcpy(h, src, size);
		struct map_entry *old = map_add(&names, h->name, h);
		if (old)
			conflict(d, ((struct spec_head *)old->value)->m, h->m,
				 sv_fmt(d->a, "%s '%.*s'", noun, SV_ARG(h->name)));
	}
	into->v = v;
	into->n += from->n;
}

/* Joins defaults field by field. */
static void join_fields(struct decoder *d, const struct section *sec, void *into, const void *from,
			struct sv path)
{
	for (uint32_t i = 0; i < sec->n; i++) {
		const struct field *f = &sec->fields[i];
		struct meta *a = field_at(f, into);
		const struct meta *b = field_at_const(f, from);
		struct sv name = sv_fmt(d->a, "%.*s.%.*s", SV_ARG(path), SV_ARG(f->key));

		if (b->state == META_ABSENT)
			continue;
		if (a->state == META_ABSENT)
			__builtin_memcpy(a, b, field_size(f));
		else if (sec == &section_defaults || (f->flags & FIELD_BY_FIELD))
			join_fields(d, f->section, a, b, name);
		else
			conflict(d, *a, *b, sv_fmt(d->a, "'%.*s'", SV_ARG(name)));
	}
}

static void join_labs(struct decoder *d, struct spec_lab *into, struct spec_lab *from)
{
	join_maps(d, (struct any_list *)&into->profiles, (struct any_list *)&from->profiles,
		  sizeof(struct spec_guest), "profile");
	join_maps(d, (struct any_list *)&into->images, (struct any_list *)&from->images,
		  sizeof(struct spec_image), "image");
	join_maps(d, (struct any_list *)&into->hosts, (struct any_list *)&from->hosts,
		  sizeof(struct spec_host), "host");
	if (from->defaults.h.m.state == META_ABSENT)
		return;
	if (into->defaults.h.m.state == META_ABSENT)
		into->defaults.h.m = from->defaults.h.m;
	into->defaults.h.m.flags |= from->defaults.h.m.flags & META_INCOMPLETE;
	join_fields(d, &section_defaults, &into->defaults, &from->defaults, SV("defaults"));
}

static bool already_included(const struct spec *s, struct sv path)
{
	for (size_t i = 1; i < s->docs.n; i++)
		if (sv_eq(s->docs.v[i].path, path))
			return true;
	return false;
}

static void include_one(struct decoder *d, struct v_text *item)
{
	const char *why = include_path_problem(item->v);
	struct sv main_name = sources_get(d->diags->sources, d->s->docs.v[0].y->src)->name, text;
	struct ydoc *y = NEW(d->a, struct ydoc, 1);
	struct spec_lab *lab;

	if (!why && already_included(d->s, item->v))
		why = "it is included already";
	if (!why && d->s->docs.n > MAX_INCLUDES)
		why = "a lab includes at most 100 files";
	if (!why && !d->opts->read_file)
		why = "a text from standard input has no folder";
	if (why) {
		file_problem(d, item, why);
		return;
	}
	const char *main_path = sv_cstr(d->a, main_name);
	const char *path = fs_join(d->a, sv_cstr(d->a, fs_dirname(main_path)), item->v);
	if (!d->opts->read_file(d->opts->user, sv_from(path), &text)) {
		diag_help(d->diags, file_problem(d, item, "it cannot be read"),
			  "the path is relative to the folder of this file");
		return;
	}
	bool tree = ydoc_parse(y, d->a, d->diags, sources_add(d->diags->sources, sv_from(path), text),
			       d->opts->ydoc);
	VEC_ADD(d->a, &d->s->docs, ((struct spec_doc) { .y = y, .path = item->v }));
	d->s->incomplete |= !tree || y->incomplete;
	if (!tree || ynode_kind(y, ynode_resolve(y, y->root)) != YNODE_MAP)
		return;
	decoder_enter(d, (uint8_t)(d->s->docs.n - 1));
	lab = NEW(d->a, struct spec_lab, 1);
	lab->h.m = decode_meta(d, ynode_resolve(y, y->root), META_OK);
	decode_section(d, &section_include, lab->h.m.node, lab,
		       (struct owner) { section_include.noun, { 0 } });
	join_labs(d, &d->s->lab, lab);
}

void include_files(struct decoder *d)
{
	struct v_text_list *list = &d->s->lab.include;

	for (uint32_t i = 0; i < list->n; i++)
		if (list->v[i].m.state == META_OK)
			include_one(d, &list->v[i]);
	if (list->m.state == META_POISONED)
		d->s->incomplete = true;
}
