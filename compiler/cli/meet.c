#include "cli/meet.h"

#include "base/buf.h"

void meeting_init(struct meeting *m, size_t n)
{
	*m = (struct meeting){ .n = n };
	arena_init(&m->a, 0);
	m->labs.passed = NEW(&m->a, bool, n);
	m->findings.passed = NEW(&m->a, bool, n);
	map_init(&m->said, &m->a, false);
	rules_memory_init(&m->memory, &m->a);
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->next, NULL);
}

void meeting_release(struct meeting *m)
{
	pthread_cond_destroy(&m->next);
	pthread_mutex_destroy(&m->lock);
	arena_release(&m->a);
}

/* Both with the lock held. */
static void await(struct meeting *m, struct meeting_turns *t, size_t number)
{
	t->waiting++;
	while (t->turn != number)
		pthread_cond_wait(&m->next, &m->lock);
	t->waiting--;
}

static void pass(struct meeting *m, struct meeting_turns *t, size_t number)
{
	t->passed[number] = true;
	while (t->turn < m->n && t->passed[t->turn])
		t->turn++;
	if (t->waiting)
		pthread_cond_broadcast(&m->next);
}

void meeting_pass(struct meeting *m, size_t number, const struct lab *lab, struct sv file)
{
	pthread_mutex_lock(&m->lock);
	if (lab && rules_may_meet(lab)) {
		await(m, &m->labs, number);
		rules_compare(lab, &m->memory, file);
	}
	pass(m, &m->labs, number);
	pthread_mutex_unlock(&m->lock);
}

/* A finding that is the same whatever spec includes the file: nothing of it stands in the spec itself. */
static bool is_shared(const struct diag *g)
{
	if (g->at.src == 0)
		return false;
	for (const struct diag_label *l = g->labels; l; l = l->next)
		if (l->at.src == 0)
			return false;
	return true;
}

static bool is_said(void *ctx, const struct diags *d, const struct diag *g)
{
	struct meeting *m = ctx;
	struct sv key;

	if (!is_shared(g))
		return false;
	key = sv_fmt(&m->a, SV_FMT " %u %u %s " SV_FMT, SV_ARG(sources_get(d->sources, g->at.src)->name), g->at.off,
		     g->at.len, g->info->code, SV_ARG(g->msg));
	return map_add(&m->said, key, m) != NULL;
}

void meeting_once(struct meeting *m, size_t number, struct diags *d)
{
	bool shares = false;

	for (size_t i = 0; d && i < d->v.n; i++)
		shares |= is_shared(d->v.v[i]);
	pthread_mutex_lock(&m->lock);
	if (shares) {
		await(m, &m->findings, number);
		diags_hide(d, is_said, m);
	}
	pass(m, &m->findings, number);
	pthread_mutex_unlock(&m->lock);
}
