/* Texts that findings point into. Owns the line tables; knows nothing of what the texts are. */
#ifndef LABC_DIAG_SOURCE_H
#define LABC_DIAG_SOURCE_H

#include "base/sv.h"

struct arena;

/* Bytes [off, off + len) of source src. Lines and columns are computed only when printed. */
struct span {
	uint32_t src, off, len;
};

/* 1-based line, 1-based column in code points; a leading BOM counts nothing, a tab counts one.
 * Line ends are LF, CRLF and CR. */
struct pos {
	uint32_t line, col;
};

struct source {
	struct sv name;       /* as the user wrote it; "<stdin>" */
	struct sv text;       /* as read, BOM included */
	uint32_t *lines;      /* offsets of line starts, built on first use */
	uint32_t n_lines;
};

struct sources {
	struct arena *a;
	struct source *v;
	uint32_t n, cap;
};

void sources_init(struct sources *s, struct arena *a);
/* Registers a text (borrowed; at most 4 GiB) and returns its number. */
uint32_t sources_add(struct sources *s, struct sv name, struct sv text);
const struct source *sources_get(const struct sources *s, uint32_t src);
/* Offsets beyond the text are clamped to its end. */
struct pos source_pos(struct sources *s, uint32_t src, uint32_t off);
/* source_pos().line, found sooner where it is one of the few lines from `near` on (0: nothing is known). */
uint32_t source_line_near(struct sources *s, uint32_t src, uint32_t off, uint32_t near);
/* A line's text without its line end. line counts from 1; outside: empty. */
struct sv source_line(struct sources *s, uint32_t src, uint32_t line);
uint32_t source_line_count(struct sources *s, uint32_t src);
/* Offset at which a line starts. */
uint32_t source_line_start(struct sources *s, uint32_t src, uint32_t line);
struct sv span_text(const struct sources *s, struct span at);
/* The smallest span that covers both; a's source wins. */
struct span span_join(struct span a, struct span b);

#endif
