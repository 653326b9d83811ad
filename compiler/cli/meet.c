#include "cli/meet.h"

void meeting_init(struct meeting *m, size_t n)
{
	*m = (struct meeting){ .n = n };
	arena_init(&m->a, 0);
	m->passed = NEW(&m->a, bool, n);
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

void meeting_pass(struct meeting *m, size_t number, const struct lab *lab, struct sv file)
{
	pthread_mutex_lock(&m->lock);
	if (lab && rules_may_meet(lab)) {
		m->waiting++;
		while (m->turn != number)
			pthread_cond_wait(&m->next, &m->lock);
		m->waiting--;
		rules_compare(lab, &m->memory, file);
	}
	m->passed[number] = true;
	while (m->turn < m->n && m->passed[m->turn])
		m->turn++;
	if (m->waiting)
		pthread_cond_broadcast(&m->next);
	pthread_mutex_unlock(&m->lock);
}
