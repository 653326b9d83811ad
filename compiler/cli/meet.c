#include "cli/meet.h"

void meeting_init(struct meeting *m)
{
	*m = (struct meeting){ 0 };
	arena_init(&m->a, 0);
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

void meeting_compare(struct meeting *m, size_t turn, const struct lab *lab, struct sv file)
{
	pthread_mutex_lock(&m->lock);
	while (m->turn != turn)
		pthread_cond_wait(&m->next, &m->lock);
	if (lab)
		rules_compare(lab, &m->memory, file);
	m->turn++;
	pthread_cond_broadcast(&m->next);
	pthread_mutex_unlock(&m->lock);
}
