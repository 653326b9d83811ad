#include "base/bug.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

_Noreturn void bug_report(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "labc: internal error at %s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\nThis is a mistake in labc, not in your file. Please report it with the file that caused it.\n", stderr);
#ifdef BUG_ABORTS
	abort();
#else
	_exit(3);
#endif
}

_Noreturn void bug_no_memory(void)
{
	static const char msg[] = "labc: out of memory; nothing more was written\n";

	(void)!write(STDERR_FILENO, msg, sizeof(msg) - 1);
	_exit(3);
}

void *xmalloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		bug_no_memory();
	return p;
}

void *xrealloc(void *p, size_t n)
{
	p = realloc(p, n ? n : 1);
	if (!p)
		bug_no_memory();
	return p;
}
