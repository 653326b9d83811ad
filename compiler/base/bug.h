/* The two ways out that are not findings: our own mistake, and no memory. */
#ifndef LABC_BASE_BUG_H
#define LABC_BASE_BUG_H

#include <stdlib.h>

/* Our mistake: prints where and what, asks for a report, exits with 3; aborts in the builds that tests and
 * debuggers use (BUG_ABORTS). */
#define BUG(...) bug_report(__FILE__, __LINE__, __VA_ARGS__)
#define BUG_IF(cond) ((cond) ? BUG("%s", #cond) : (void)0)

_Noreturn void bug_report(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Prints that memory ran out and exits with 3. */
_Noreturn void bug_no_memory(void);
/* malloc and realloc that do not return NULL. */
void *xmalloc(size_t n);
void *xrealloc(void *p, size_t n);

#define COUNTOF(a) (sizeof(a) / sizeof((a)[0]))

#endif
