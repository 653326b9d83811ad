/* From a lab to the texts of its output files: the table of outputs, the templates, line ends.
 * Writes nothing; the plan does. */
#ifndef LABC_EMIT_EMIT_H
#define LABC_EMIT_EMIT_H

#include "ctemplate/ctemplate.h"
#include "emit/plan.h"
#include "model/lab.h"

enum output_scope { OUTPUT_LAB, OUTPUT_HOST };

/* One output file, or one a host. Adding one is adding a row. */
struct output {
	const char *path;         /* "%/setup.ps1": % is the host's name, @ the lab's */
	const char *source;       /* template or plain file in the binary */
	enum output_scope scope;
	unsigned targets;         /* bits 1 << enum target */
	bool crlf;                /* Windows line ends */
	bool listed;              /* shown to the user */
	const char *what;         /* one line: what to do with it */
};

extern const struct output outputs[];
extern const size_t outputs_count;

/* Whether labc writes artifacts for this target. */
bool emit_has_target(enum target t);
struct emit_opts {
	struct sv spec_name;     /* base name of the input */
	const char *dir;         /* where the files go: what is there already need not be kept; or NULL */
	const struct earlier *earlier; /* what is known of the files there, or NULL */
	/* Puts a finished file where it waits for its place, on any thread; false: it stays in the plan. Or NULL. */
	bool (*put)(void *user, const struct plan_file *f);
	void *put_user;
	unsigned threads;        /* that may render a large lab; 0 and 1: none but the caller's */
	ct_load_fn load;         /* templates that go before the built-in ones, or NULL */
	void *user;
};

/* Renders every output of the lab's target into the plan, the manifest last. Texts live in the plan's arena.
 * False after reporting to the lab's sink. */
bool emit_lab(struct plan *p, const struct lab *lab, const struct emit_opts *o);

#endif
