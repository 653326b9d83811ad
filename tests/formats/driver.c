/* Prints findings made to break formats: driver FORMAT [all|clean|none]. What the validators of run.sh read. */
#include <stdio.h>
#include <string.h>

#include "findings.h"

int main(int argc, char **argv)
{
	size_t n = sizeof(all_files) / sizeof(all_files[0]), from = 0, to = n;
	const struct report_format *f = argc > 1 ? report_format_find(sv_from(argv[1])) : NULL;
	struct buf out = { 0 };

	if (!f) {
		for (size_t i = 0; i < report_formats_count; i++)
			puts(report_formats[i].name);
		return argc > 1 ? 2 : 0;
	}
	if (argc > 2 && strcmp(argv[2], "clean") == 0)
		from = 1, to = 2;
	else if (argc > 2 && strcmp(argv[2], "none") == 0)
		from = to = 0;
	write_document(&out, f, from, to);
	fwrite(out.p, 1, out.n, stdout);
	buf_release(&out);
	return ferror(stdout) ? 1 : 0;
}
