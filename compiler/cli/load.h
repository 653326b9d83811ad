/* Reading one spec through every stage: text, tree, typed spec, lab, rules. */
#ifndef LABC_CLI_LOAD_H
#define LABC_CLI_LOAD_H

#include "base/buf.h"
#include "cli/meet.h"
#include "cli/opts.h"
#include "diag/diag.h"
#include "model/lab.h"
#include "schema/spec.h"
#include "yaml/ydoc.h"

/* A text to use instead of what a file holds. */
struct edited {
	struct edited *next;
	struct sv path, text;
};

/* Everything about one spec; released in one go, used again for the next. */
struct session {
	struct arena a;
	struct sources sources;
	struct diags diags;
	struct ydoc doc;
	struct spec spec;
	struct lab lab;
	const char *path;
	const struct settings *settings; /* what holds for the spec, set before it is read; NULL: the defaults */
	struct patterns *patterns; /* compiled once, used for every spec */
	const struct edited *edited; /* texts not yet written; borrowed */
	struct meeting *meeting; /* of the specs read together; forgotten after one spec; or NULL */
	size_t turn;         /* the spec's number in it */
	bool has_folder; /* files beside the spec can be read */
	bool has_lab;       /* lab is lowered; with errors in diags it is not fit for output */
};

void session_init(struct session *s);
void session_release(struct session *s);
/* Reads a spec and finds all that is wrong with it; findings are sorted. False when it cannot be read: the
 * reason is then on stderr. */
bool session_load(struct session *s, const char *path, const struct opts *o);
/* The same, but the reason goes to err. */
bool session_read(struct session *s, const char *path, const struct opts *o, struct buf *err);
/* Appends the findings as text; color: whether the output may have any. */
void session_report(const struct session *s, struct buf *out, const struct opts *o, bool color);
/* Whether output to this file descriptor has colour. */
bool cli_has_color(const struct opts *o, int fd);
/* "1 error", "2 errors". */
void cli_count(struct buf *out, uint64_t n, const char *what);

#endif
