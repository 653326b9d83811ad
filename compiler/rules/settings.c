/* What holds for one spec, and giving it to findings. */
#include "rules/config.h"

#include "base/bug.h"
#include "base/fs.h"
#include "rules/glob.h"
#include "rules/policy.h"
#include "rules/registry.h"

/* --- rows --- */

uint32_t settings_index(const struct settings *s, const struct diag_info *row)
{
	size_t i;

	if (registry_index(row, &i))
		return (uint32_t)i;
	for (size_t p = 0; p < s->run->all.n; p++) {
		const struct policy *policy = s->run->all.v[p];

		for (uint32_t k = 0; k < policy->n_rules; k++)
			if (&policy->rules[k].rule.info == row)
				return (uint32_t)registry_count() + policy->first + k;
	}
	BUG("a row of no table");
}

const struct diag_info *settings_find(const struct settings *s, struct sv code_or_name)
{
	const struct diag_info *row = registry_find(code_or_name);

	for (size_t i = 0; !row && s && i < s->policies.n; i++) {
		const struct policy_rule *r = policy_find(s->policies.v[i], code_or_name);

		if (r)
			row = &r->rule.info;
	}
	return row;
}

const char *settings_near(const struct settings *s, struct sv code_or_name)
{
	const char *near = registry_near(code_or_name);
	unsigned best = 0, d;

	if (near)
		sv_is_near(code_or_name, sv_from(near), &best);
	for (size_t i = 0; s && i < s->policies.n; i++)
		for (uint32_t k = 0; k < s->policies.v[i]->n_rules; k++) {
			const char *code = s->policies.v[i]->rules[k].rule.info.code;

			if (sv_is_near(code_or_name, sv_from(code), &d) && (!near || d < best)) {
				near = code;
				best = d;
			}
		}
	return near;
}

/* --- making them --- */

struct making {
	struct configs *c;
	struct settings *s;
	struct sv path; /* absolute */
};

/* The path as seen from the folder of a file; false when it is not below it. */
static bool seen_from(const struct making *m, const struct config_file *f, struct sv *out)
{
	struct arena *a = &m->c->a;
	struct sv dir = sv_from(fs_clean(a, fs_join(a, sv_cstr(a, m->c->cwd), fs_dirname(sv_cstr(a, f->path)))));

	if (sv_starts(f->path, SV("/")))
		dir = fs_dirname(sv_cstr(a, f->path));
	if (sv_eq(dir, SV("."))) {
		*out = m->path;
		return true;
	}
	if (sv_eq(dir, SV("/")))
		dir.n = 0;
	if (!sv_starts(m->path, dir) || m->path.n <= dir.n + 1 || m->path.p[dir.n] != '/')
		return false;
	*out = sv_sub(m->path, dir.n + 1, m->path.n);
	return true;
}

static void set(struct making *m, const struct diag_info *row, struct setting v)
{
	struct setting *to = &m->s->rules[settings_index(m->s, row)];

	if (to->is_locked && !v.is_locked) {
		/* what is demanded may be raised, not lowered */
		if (v.level > to->level)
			to->level = v.level;
		return;
	}
	*to = v;
}

static void add_policy(struct making *m, const struct policy *p)
{
	struct settings *s = m->s;

	for (size_t i = 0; i < s->policies.n; i++)
		if (s->policies.v[i] == p)
			return;
	VEC_ADD(&m->c->a, &s->policies, p);
	for (uint32_t i = 0; i < p->n_floors; i++) {
		const struct policy_floor *f = &p->floors[i];
		struct setting *to = &s->rules[settings_index(s, f->row)];
		enum config_level now = to->is_set ? (enum config_level)to->level
						   : (enum config_level)(CONFIG_NOTE + (int)f->row->severity);

		if (f->level < now && !p->is_demanded)
			continue;
		set(m, f->row, (struct setting){ .is_set = true, .is_locked = p->is_demanded,
						 .level = (uint8_t)(f->level > now ? f->level : now), .from = FROM_POLICY,
						 .policy = p });
	}
	for (uint32_t i = 0; p->is_demanded && i < p->n_rules; i++)
		set(m, &p->rules[i].rule.info,
		    (struct setting){ .is_set = true, .is_locked = true,
				      .level = (uint8_t)(CONFIG_NOTE + (int)p->rules[i].rule.info.severity), .from = FROM_POLICY,
				      .policy = p });
}

static void add_file(struct making *m, const struct config_file *f)
{
	struct settings *s = m->s;
	struct sv path = { 0 };
	bool below;

	for (uint32_t i = 0; i < f->n_extends; i++)
		add_file(m, f->extends[i]);
	for (size_t i = 0; i < f->policies.n; i++)
		add_policy(m, f->policies.v[i]);
	below = f->globs.n && seen_from(m, f, &path);
	for (size_t i = 0; i < f->entries.n; i++) {
		const struct config_entry *e = f->entries.v[i];

		if (e->row && (!e->files || (below && globs_match(e->files, path))))
			set(m, e->row, (struct setting){ .is_set = true, .level = (uint8_t)e->level, .from = FROM_FILE,
							 .entry = e });
	}
	if (meta_ok(f->config.date.m)) {
		s->date = f->config.date;
		s->date_from = f;
	}
	if (meta_ok(f->config.fail_on.m)) {
		s->has_fail_on = true;
		s->fail_on_error = f->config.fail_on.v == CONFIG_FAIL_ON_ERROR;
		s->fail_on_from = f;
	}
	if (meta_ok(f->config.strict.m)) {
		s->strict = f->config.strict.v;
		s->strict_from = f;
	}
}

bool config_names(struct sv word, const struct diag_info *row)
{
	struct sv code = sv_from(row->code);

	return sv_eq_nocase(word, code) || (row->name && sv_eq(word, sv_from(row->name))) ||
	       (word.n < code.n && word.n > 2 && sv_eq_nocase(word, sv_sub(code, 0, word.n)));
}

bool config_names_rule(struct sv word)
{
	if (sv_starts(word, SV("ORG")))
		return true;
	for (size_t i = 0; i < registry_count(); i++)
		if (config_names(word, registry_raw_row(i)))
			return true;
	return false;
}

const struct diag_info *settings_row(const struct settings *s, uint32_t i)
{
	size_t own = registry_count();

	if (i < own)
		return registry_raw_row(i);
	i -= (uint32_t)own;
	for (size_t p = 0; p < s->run->all.n; p++) {
		const struct policy *policy = s->run->all.v[p];

		if (i >= policy->first && i < policy->first + policy->n_rules)
			return &policy->rules[i - policy->first].rule.info;
	}
	BUG("a row of no table");
}

/* --select and --ignore; errors of reading stay, whatever is chosen. */
static void add_args(struct making *m)
{
	const struct config_args *args = m->c->args;
	struct settings *s = m->s;

	for (uint32_t i = 0; (args->select.n || args->ignore.n) && i < s->n_rules; i++) {
		const struct diag_info *row = settings_row(s, i);
		bool chosen = args->select.n == 0, ignored = false;

		if (config_refusal(row, CONFIG_WARNING) || s->rules[i].is_locked)
			continue;
		for (size_t k = 0; k < args->select.n; k++)
			chosen = chosen || config_names(sv_from(args->select.v[k]), row);
		for (size_t k = 0; k < args->ignore.n; k++)
			ignored = ignored || config_names(sv_from(args->ignore.v[k]), row);
		if (ignored || !chosen)
			s->rules[i] = (struct setting){ .is_set = true, .level = CONFIG_OFF,
							.from = ignored ? FROM_IGNORE : FROM_SELECT };
	}
}

/* The number of the overrides that hold, as a key: specs that agree in it share their settings. */
static void key_of(struct making *m, const struct config_file *f, struct buf *key)
{
	struct sv path = { 0 };
	uint32_t last = 0;

	for (uint32_t i = 0; i < f->n_extends; i++)
		key_of(m, f->extends[i], key);
	if (f->globs.n == 0 || !seen_from(m, f, &path))
		return;
	for (size_t i = 0; i < f->entries.n; i++) {
		const struct config_entry *e = f->entries.v[i];

		if (e->override != last && e->files) {
			last = e->override;
			buf_ch(key, globs_match(e->files, path) ? '1' : '0');
		}
	}
}

static struct settings *make(struct making *m, const struct config_file *file)
{
	struct configs *c = m->c;
	struct settings *s = m->s = NEW(&c->a, struct settings, 1);

	s->run = c;
	s->file = file;
	s->n_rules = (uint32_t)registry_count() + c->n_policy_rules;
	s->rules = NEW(&c->a, struct setting, s->n_rules);
	for (size_t i = 0; i < c->demanded.n; i++)
		add_policy(m, c->demanded.v[i]);
	if (file)
		add_file(m, file);
	add_args(m);
	if (meta_ok(c->args->date.m)) {
		s->date = c->args->date;
		s->date_from = NULL;
	}
	if (c->args->strict) {
		s->strict = true;
		s->strict_from = NULL;
	}
	for (uint32_t i = 0; i < s->n_rules; i++)
		s->n_off += s->rules[i].is_set && s->rules[i].level == CONFIG_OFF && s->rules[i].from != FROM_SELECT;
	return s;
}

const struct settings *settings_for(struct configs *c, const struct config_file *file, struct sv path)
{
	const struct config_args *args = c->args;
	struct making m = { .c = c };
	struct buf key = { 0 };
	struct settings *s;

	if (!file && !args->select.n && !args->ignore.n && !c->demanded.n && !args->strict && !meta_ok(args->date.m))
		return NULL;
	m.path = sv_starts(path, SV("/")) ? path
					  : sv_from(fs_clean(&c->a, fs_join(&c->a, sv_cstr(&c->a, c->cwd), path)));
	if (file) {
		buf_sv(&key, file->path);
		buf_ch(&key, '\n');
		key_of(&m, file, &key);
	}
	s = map_get(&c->settings, buf_view(&key));
	if (!s) {
		s = make(&m, file);
		map_add(&c->settings, sv_dup(&c->a, buf_view(&key)), s);
	}
	buf_release(&key);
	return s;
}

/* --- applying them --- */

static void label_lowered(struct diags *d, struct diag *g, const struct config_entry *e)
{
	const struct source *from = sources_get(&e->file->sources, e->at.src);
	struct span at = e->at;

	at.src = UINT32_MAX;
	for (uint32_t i = 0; i < d->sources->n; i++)
		if (d->sources->v[i].text.p == from->text.p)
			at.src = i;
	if (at.src == UINT32_MAX)
		at.src = sources_add(d->sources, from->name, from->text);
	diag_label(d, g, at, "an error, made a warning here");
}

void settings_apply(const struct settings *s, struct diags *d, size_t first)
{
	for (size_t i = first; s && i < d->v.n; i++) {
		struct diag *g = d->v.v[i];
		const struct setting *set = &s->rules[settings_index(s, g->info)];

		g->locked |= set->is_locked;
		if (!set->is_set)
			continue;
		if (set->level == CONFIG_OFF) {
			diag_drop(d, g);
			continue;
		}
		if (set->from == FROM_FILE && g->info->severity == SEV_ERROR && set->level == CONFIG_WARNING)
			label_lowered(d, g, set->entry);
		diag_set_severity(d, g, (enum severity)(set->level - CONFIG_NOTE));
	}
}

void settings_apply_strict(const struct settings *s, struct diags *d)
{
	for (size_t i = 0; s && s->strict && i < d->v.n; i++)
		if (d->v.v[i]->severity == SEV_WARNING && !d->v.v[i]->suppressed && !d->v.v[i]->dropped)
			diag_set_severity(d, d->v.v[i], SEV_ERROR);
}
