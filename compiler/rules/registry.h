/* All kinds of findings of the program, and the running of the rules.
 *
 * One list of rows, in the order of their codes, from every room: the reader, the schema, the model, the
 * rules and the templates. `explain`, the documentation and the data formats read it from here. */
#ifndef LABC_RULES_REGISTRY_H
#define LABC_RULES_REGISTRY_H

#include "base/buf.h"
#include "diag/diag.h"
#include "model/lab.h"

/* Runs every rule over a lowered lab and adds what it finds to the lab's findings. */
void rules_run(const struct lab *lab);
/* The same on the day, and with the policies, of the settings (NULL: none). */
struct settings;
void rules_run_with(const struct lab *lab, const struct settings *settings);

/* Every row of the program, in the order of the codes. */
size_t registry_count(void);
const struct diag_info *registry_row(size_t i);
/* The same, in the order of the tables: cheaper. */
const struct diag_info *registry_raw_row(size_t i);
/* The number of a row in that order; false: it is not of the program. */
bool registry_index(const struct diag_info *row, size_t *i);
/* The row of a code ("LAB0301", any case) or a name ("memory-together"); NULL: none. */
const struct diag_info *registry_find(struct sv code_or_name);
/* The nearest code or name to suggest, or NULL. */
const char *registry_near(struct sv code_or_name);
/* What a row says, for people: what, why, bad, good, source, how to silence it. False: no such row. */
bool registry_explain(struct buf *out, struct sv code_or_name);
/* The page of all rows, in Markdown. */
void registry_markdown(struct buf *out);

#endif
