/* The reading floor: open, read, libyaml's bare events, close; one thread. Prints the number of events. */
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

static long parse(const char *path)
{
	static unsigned char *text;
	static size_t cap;
	yaml_parser_t p;
	yaml_event_t e;
	long n = 0, size;
	FILE *f = fopen(path, "rb");
	int done = 0;

	if (!f)
		return 0;
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	if (size > 0 && (size_t)size > cap) {
		text = realloc(text, cap = (size_t)size);
		if (!text)
			abort();
	}
	size = (long)fread(text, 1, (size_t)size, f);
	fclose(f);
	if (!yaml_parser_initialize(&p))
		abort();
	yaml_parser_set_input_string(&p, text, (size_t)size);
	while (!done && yaml_parser_parse(&p, &e)) {
		done = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
		n++;
	}
	yaml_parser_delete(&p);
	return n;
}

int main(int argc, char **argv)
{
	long n = 0;

	for (int i = 1; i < argc; i++)
		n += parse(argv[i]);
	printf("%ld\n", n);
	return 0;
}
