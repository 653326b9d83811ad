/* Which configuration holds for a spec: `.labc.yaml` in its folder or the nearest one above, up to the folder that
 * holds `.git`, or the root. Each folder is looked into once a run. */
#ifndef LABC_CLI_SEARCH_H
#define LABC_CLI_SEARCH_H

#include "base/buf.h"
#include "cli/opts.h"
#include "rules/config.h"

#define CONFIG_NAME ".labc.yaml"

struct search {
	struct configs run;
	const struct opts *o;
	struct map folders; /* cleaned path -> struct config_file, or the search itself for none */
	size_t depth;       /* folders from the root to the current one */
	bool failed;        /* a file could not be read; the reason is on stderr */
	bool refused;       /* --ignore names what --policy demands; said on stderr */
};

/* Reads the policies of the command line, too. */
void search_init(struct search *s, const struct opts *o);
void search_release(struct search *s);
/* What holds for a spec ("-": standard input); NULL: nothing but what always does. Not for several threads. */
const struct settings *search_for(struct search *s, const char *path);
/* The configuration that holds for it, or NULL. */
const struct config_file *search_file(struct search *s, const char *path);
/* For a command that reads one spec: sets what holds for it; false: what is wrong with the configuration was
 * printed, and *code says how to end. */
struct session;
bool search_session(struct search *s, struct session *session, const char *path, enum exit_code *code);
/* Findings in the files read so far. */
uint32_t search_errors(const struct search *s);
uint32_t search_warnings(const struct search *s);
/* Prints them on stderr. */
void search_report(const struct search *s);

#endif
