#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/load.h"
#include "cli/search.h"
#include "emit/dump.h"

enum exit_code cmd_dump(const struct opts *o)
{
	struct buf out = { 0 };
	struct search search;
	struct session s;
	enum exit_code code = EXIT_CLEAN;

	if (o->args.n != 1) {
		fputs("labc dump: wants one spec\n", stderr);
		return EXIT_USAGE;
	}
	session_init(&s);
	search_init(&search, o);
	if (!search_session(&search, &s, o->args.v[0], &code)) {
		/* said */
	} else if (!session_load(&s, o->args.v[0], o)) {
		code = EXIT_SYSTEM;
	} else if (s.diags.n_errors || !s.has_lab) {
		session_report(&s, &out, o, cli_has_color(o, STDERR_FILENO));
		cli_flush(STDERR_FILENO, &out);
		code = EXIT_FINDINGS;
	} else {
		dump_json(&out, &s.lab);
		if (!cli_flush(STDOUT_FILENO, &out))
			code = EXIT_SYSTEM;
	}
	buf_release(&out);
	session_release(&s);
	search_release(&search);
	return code;
}
