/* labc: reads the command line and runs a command. */
#include <signal.h>
#include <unistd.h>

#include "cli/commands.h"

int main(int argc, char **argv)
{
	struct arena a;
	struct opts o;
	struct buf out = { 0 };
	enum exit_code code;

	/* a closed pipe is an ordinary end of output, not a crash */
	signal(SIGPIPE, SIG_IGN);
	arena_init(&a, 0);
	if (!opts_parse(&o, &a, argc, argv)) {
		code = EXIT_USAGE;
	} else if (!o.command || o.help) {
		opts_help(&out, o.command);
		code = o.help ? EXIT_CLEAN : EXIT_USAGE;
		if (!cli_flush(o.help ? STDOUT_FILENO : STDERR_FILENO, &out))
			code = EXIT_SYSTEM;
	} else {
		code = o.command->run(&o);
	}
	buf_release(&out);
	arena_release(&a);
	return (int)code;
}
