/* Files that a spec names beside itself: the list of users, the price of each size. What is wrong in them is
 * said at their own lines. */
#include "schema/decode_internal.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/num.h"
#include "base/utf8.h"

/* Enough for 400 users or every size there is; a larger file is another one. */
enum { BESIDE_MAX = 256 << 10, MAX_SHOWN = 20 };

static void cannot_read(struct decoder *d, struct v_text *name, const char *why, const char *help)
{
	decoder_enter(d, name->m.doc);
	name->m.state = META_POISONED;
	struct diag *g = report_at(d, CODE_FILE_BESIDE, spec_span(d->s, name->m), "'%.*s' cannot be read: %s",
				   SV_ARG(name->v), why);
	if (help)
		diag_help(d->diags, g, "%s", help);
}

/* The text of a file and its number among the sources. */
static bool read_beside(struct decoder *d, struct v_text *name, uint32_t *src)
{
	struct sv main_name = sources_get(d->diags->sources, d->s->docs.v[0].y->src)->name, text;
	const char *why = include_path_problem(name->v), *path;

	if (!why && !d->opts->read_file)
		why = "a text from standard input has no folder";
	if (why) {
		cannot_read(d, name, why, NULL);
		return false;
	}
	path = fs_join(d->a, sv_cstr(d->a, fs_dirname(sv_cstr(d->a, main_name))), name->v);
	if (!d->opts->read_file(d->opts->user, sv_from(path), &text)) {
		cannot_read(d, name, "there is no such file, or it is not open to you",
			    "the path is relative to the folder of this file");
		return false;
	}
	if (text.n > BESIDE_MAX) {
		cannot_read(d, name, "it is larger than 256 KiB", NULL);
		return false;
	}
	*src = sources_add(d->diags->sources, sv_from(path), text);
	return true;
}

/* --- users: an address a line --- */

struct user_lines {
	struct v_text *v;
	uint32_t n, room, shown;
};

/* The first few wrong lines stand for all. */
static bool may_say(struct user_lines *u) { return u->shown++ < MAX_SHOWN; }

static void say_twice(struct decoder *d, struct sv user, struct span at, struct span first)
{
	struct diag *g =
	    diag_at(d->diags, &schema_codes[CODE_DUPLICATE_USER], at, "'%.*s' is listed twice", SV_ARG(user));

	diag_label(d->diags, g, first, "first here");
}

static void one_user(struct decoder *d, struct user_lines *u, struct map *seen, struct sv line,
		     struct span at)
{
	struct v_text user = {.m = {.state = META_OK, .origin = ORIGIN_ITEM}};
	struct type_error e = {0};
	struct span *place = NEW(d->a, struct span, 1);
	struct map_entry *old;

	d->in.text = line;
	d->in.plain = true;
	if (!type_parse(TYPE_EMAIL, &d->in, &user, &e)) {
		if (may_say(u))
			diag_help(d->diags,
				  diag_at(d->diags, &schema_codes[CODE_EMAIL], at,
					  "a file of users wants one e-mail address a line, found '%.*s'",
					  SV_ARG(sv_sub(line, 0, 80))),
				  "empty lines and lines that begin with # are left out");
		return;
	}
	*place = at;
	old = map_add(seen, user.v, place);
	if (old) {
		if (may_say(u))
			say_twice(d, user.v, at, *(struct span *)old->value);
		return;
	}
	if (u->n < u->room)
		u->v[u->n++] = user;
}

static void read_users(struct decoder *d, struct spec_users *users)
{
	struct user_lines u = {0};
	struct map seen;
	struct sv text;
	uint32_t src;
	ptrdiff_t bad;
	size_t from = 0;

	if (users->file.m.state != META_OK || !read_beside(d, &users->file, &src))
		return;
	text = sources_get(d->diags->sources, src)->text;
	bad = utf8_check(text);
	if (bad >= 0) {
		diag_at(d->diags, &schema_codes[CODE_EMAIL], (struct span){src, (uint32_t)bad, 1},
			"a file of users wants a text in UTF-8, found a byte that is none");
		return;
	}
	if (sv_starts(text, SV("\xef\xbb\xbf")))
		from = 3;
	for (size_t i = 0; i < text.n; i++)
		u.room += text.p[i] == '\n' || text.p[i] == '\r';
	u.room++;
	u.v = NEW(d->a, struct v_text, u.room);
	map_init(&seen, d->a, true);
	while (from < text.n) {
		size_t to = from;

		while (to < text.n && text.p[to] != '\n' && text.p[to] != '\r')
			to++;
		struct sv line = sv_trim(sv_sub(text, from, to - from));

		if (line.n && line.p[0] != '#')
			one_user(d, &u, &seen, line,
				 (struct span){src, (uint32_t)(line.p - text.p), (uint32_t)line.n});
		from = to + 1;
	}
	users->list = (struct v_text_list){users->file.m, u.v, u.n};
	if (u.n == 0 && u.shown == 0)
		diag_at(d->diags, &schema_codes[CODE_FILE_BESIDE], (struct span){src, 0, 0},
			"the file of users names nobody");
	if (u.n == 0)
		users->list.m.state = META_POISONED;
}

/* The same user twice in the spec's own list. */
static void check_list(struct decoder *d, const struct v_text_list *list)
{
	struct map seen;

	map_init(&seen, d->a, true);
	for (uint32_t i = 0; i < list->n; i++) {
		const struct v_text *user = &list->v[i];
		struct map_entry *old =
		    user->m.state == META_OK ? map_add(&seen, user->v, &list->v[i]) : NULL;

		if (old)
			say_twice(d, user->v, spec_span(d->s, user->m),
				  spec_span(d->s, ((const struct v_text *)old->value)->m));
	}
}

/* --- prices: a map of size -> price an hour, and `currency` --- */

/* Digits, and up to four behind a point: in ten-thousandths. */
static bool parse_price(struct sv t, int64_t *out)
{
	ptrdiff_t point = sv_find(t, '.');
	struct sv whole = point < 0 ? t : sv_sub(t, 0, (size_t)point),
		  frac = point < 0 ? SV("") : sv_sub(t, (size_t)point + 1, t.n);
	uint64_t v, c = 0;

	if (whole.n == 0 || whole.n > 6 || (whole.n > 1 && whole.p[0] == '0') || !num_u64(whole, &v))
		return false;
	if (point >= 0 && (frac.n == 0 || frac.n > 4 || !num_u64(frac, &c)))
		return false;
	for (size_t i = frac.n; i < 4; i++)
		c *= 10;
	*out = (int64_t)(v * 10000 + c);
	return true;
}

static const char *price_found(struct decoder *d, uint32_t value)
{
	struct sv text = sv_sub(ynode_text(d->y, value), 0, 60);

	if (ynode_is_null(d->y, value))
		return "nothing";
	if (ynode_kind(d->y, value) != YNODE_SCALAR)
		return ynode_kind_name(d->y, value);
	return sv_cstr(d->a, sv_fmt(d->a, "'%.*s'%s", SV_ARG(text),
				    ynode_is_quoted(d->y, value) ? ", which is in quotes" : ""));
}

static void one_price(struct decoder *d, struct spec_prices *p, const struct yentry *e)
{
	struct v_price *price = &p->v[p->n];
	struct sv text = ynode_text(d->y, e->value);

	if (ynode_is_poisoned(d->y, e->value))
		return;
	*price = (struct v_price){.m = decode_meta(d, e->value, META_OK), .size = ynode_text(d->y, e->key)};
	if (ynode_kind(d->y, e->value) == YNODE_SCALAR && ynode_is_plain(d->y, e->value) &&
	    parse_price(text, &price->v)) {
		p->n++;
		return;
	}
	struct diag *g = report_at(d, CODE_PRICE, ynode_span(d->y, e->value),
				   "the price of '%.*s' wants an amount such as 0.55, found %s",
				   SV_ARG(price->size), price_found(d, e->value));
	diag_help(d->diags, g, "digits, and at most four behind a point; the currency stands in 'currency'");
	p->incomplete = true;
}

static void read_currency(struct decoder *d, struct spec_prices *p, uint32_t value)
{
	struct type_error e = {0};

	p->currency.m = decode_meta(d, value, META_POISONED);
	if (ynode_is_poisoned(d->y, value))
		return;
	d->in.text = ynode_text(d->y, value);
	d->in.plain = ynode_is_plain(d->y, value);
	if (ynode_kind(d->y, value) == YNODE_SCALAR && type_parse(TYPE_CURRENCY, &d->in, &p->currency, &e))
		p->currency.m.state = META_OK;
	else if (ynode_kind(d->y, value) == YNODE_SCALAR)
		report_type(d, &types[TYPE_CURRENCY], SV("'currency'"), value, &d->in, &e);
	else
		report_at(d, CODE_PRICE, ynode_span(d->y, value),
			  "'currency' wants three letters such as EUR, found %s",
			  ynode_kind_name(d->y, value));
}

static void read_prices(struct decoder *d, struct v_text *name, struct spec_prices *p)
{
	struct ydoc *y;
	uint32_t src, root;
	bool tree;

	if (name->m.state != META_OK || !read_beside(d, name, &src))
		return;
	y = NEW(d->a, struct ydoc, 1);
	tree = ydoc_parse(y, d->a, d->diags, src, d->opts->ydoc);
	VEC_ADD(d->a, &d->s->docs, ((struct spec_doc){.y = y, .path = name->v, .is_beside = true}));
	root = tree ? ynode_resolve(y, y->root) : 0;
	if (!tree || ynode_kind(y, root) == YNODE_NONE || ynode_is_poisoned(y, root))
		return;
	decoder_enter(d, (uint8_t)(d->s->docs.n - 1));
	if (ynode_kind(y, root) != YNODE_MAP) {
		report_at(d, CODE_PRICE, ynode_span(y, root),
			  "a file of prices is a map of sizes and prices, found %s",
			  ynode_kind_name(y, root));
		return;
	}
	p->m = decode_meta(d, root, META_OK);
	p->incomplete = y->incomplete || ynode_is(y, root, YN_INCOMPLETE);
	p->v = NEW(d->a, struct v_price, ymap_count(y, root) + 1);
	struct ymap_it it = ymap_iter(y, root);
	for (struct yentry e; ymap_next(&it, &e);)
		if (sv_eq(ynode_text(y, e.key), SV("currency")))
			read_currency(d, p, e.value);
		else
			one_price(d, p, &e);
	if (p->currency.m.state == META_ABSENT && !p->incomplete) {
		struct diag *g = report_at(d, CODE_PRICE,
					   ynode_span(y, ynode_first(y, root) ? ynode_first(y, root) : root),
					   "the file of prices has no 'currency'");
		diag_help(d->diags, g, "add a line such as 'currency: EUR'");
	}
}

void files_beside(struct decoder *d)
{
	struct spec_lab *lab = &d->s->lab;

	check_list(d, &lab->users.list);
	read_users(d, &lab->users);
	read_prices(d, &lab->targets.lab_services.prices, &d->s->prices[TARGET_LAB_SERVICES]);
	read_prices(d, &lab->targets.azure_vm.prices, &d->s->prices[TARGET_AZURE_VM]);
	read_prices(d, &lab->targets.devtest_labs.prices, &d->s->prices[TARGET_DEVTEST_LABS]);
	decoder_enter(d, 0);
}
