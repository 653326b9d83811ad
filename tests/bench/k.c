/* K, the floor of a build: reads the same spec with libyaml, then writes (or compares) and hashes the same bytes.
 *   k pack DIR... > PACK     the files below each DIR, in one file
 *   k build PACK SPEC...     the n-th SPEC gets the files of the n-th folder of the pack
 * What a build must do it does as cheaply as it can be done: every file is hashed, read where it stands, and
 * written through a temporary file beside it when it differs. Where the manifest holds a second sum of a script
 * without its table, that is made, too: once for scripts that are alike there. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sha2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

/* --- packing: "PATH LENGTH\n" and the bytes, for each file; an empty line behind each folder --- */

static int pack_file(const char *path, const struct stat *st, int type, struct FTW *w)
{
	char *p;
	FILE *f;

	(void)w;
	if (type != FTW_F)
		return 0;
	p = malloc((size_t)st->st_size + 1);
	f = fopen(path, "rb");
	if (!p || !f || fread(p, 1, (size_t)st->st_size, f) != (size_t)st->st_size)
		return 1;
	fclose(f);
	printf("%s %lld\n", path, (long long)st->st_size);
	fwrite(p, 1, (size_t)st->st_size, stdout);
	free(p);
	return 0;
}

static int pack(char **dirs)
{
	for (; *dirs; dirs++) {
		if (nftw(*dirs, pack_file, 16, FTW_PHYS) != 0)
			return 1;
		putchar('\n');
	}
	return 0;
}

/* --- building --- */

static void read_spec(const char *path)
{
	FILE *f = fopen(path, "rb");
	yaml_parser_t p;
	yaml_event_t e;
	int done = 0;

	if (!f) {
		perror(path);
		exit(1);
	}
	yaml_parser_initialize(&p);
	yaml_parser_set_input_file(&p, f);
	while (!done && yaml_parser_parse(&p, &e)) {
		done = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&p);
	fclose(f);
}

static void make_dirs(char *path)
{
	for (char *s = path + 1; (s = strchr(s, '/')) != NULL; s++) {
		*s = '\0';
		mkdir(path, 0777);
		*s = '/';
	}
}

static void write_file(char *path, const char *data, size_t n)
{
	char tmp[4096 + 8];
	int fd;

	snprintf(tmp, sizeof(tmp), "%s.k", path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0) {
		make_dirs(path);
		fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	}
	if (fd < 0 || write(fd, data, n) != (ssize_t)n || close(fd) != 0 || rename(tmp, path) != 0) {
		perror(path);
		exit(1);
	}
}

static int is_same(const char *path, const char *data, size_t n, char **old, size_t *cap)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	ssize_t got;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) != 0 || (size_t)st.st_size != n) {
		close(fd);
		return 0;
	}
	if (*cap < n) {
		*cap = n;
		*old = realloc(*old, n);
	}
	got = read(fd, *old, n);
	close(fd);
	return got == (ssize_t)n && memcmp(*old, data, n) == 0;
}

static void hash(const char *data, size_t n)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];

	SHA256Data((const uint8_t *)data, n, hex);
}

struct part {
	const char *head, *tail;
	size_t head_n, tail_n;
};

static int is_known(const struct part *p, const struct part *known, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (known[i].head_n == p->head_n && known[i].tail_n == p->tail_n &&
		    memcmp(known[i].head, p->head, p->head_n) == 0 && memcmp(known[i].tail, p->tail, p->tail_n) == 0)
			return 1;
	return 0;
}

/* The second sum of the manifest, unless one of the last scripts was alike. */
static void hash_constant(const char *data, size_t n)
{
	static struct part known[16];
	static size_t next;
	const char *from = memmem(data, n, "\n# --- lab data", 15), *to = memmem(data, n, "\n# --- end of lab data", 22);
	char hex[SHA256_DIGEST_STRING_LENGTH];
	SHA2_CTX ctx;
	struct part p;

	if (!from || !to)
		return;
	to = memchr(to + 1, '\n', (size_t)(data + n - to - 1));
	p = (struct part){ data, to ? to + 1 : data + n, (size_t)(from + 1 - data), to ? (size_t)(data + n - to - 1) : 0 };
	if (is_known(&p, known, 16))
		return;
	known[next++ % 16] = p;
	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)p.head, p.head_n);
	SHA256Update(&ctx, (const uint8_t *)p.tail, p.tail_n);
	SHA256End(&ctx, hex);
}

/* The files of one folder; returns where the next folder begins. */
static const char *build_one(const char *p, const char *end, int constants)
{
	static char *old;
	static size_t cap;

	while (p < end && *p != '\n') {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *blank = memrchr(p, ' ', (size_t)(nl - p));
		size_t n = strtoull(blank + 1, NULL, 10);
		char path[4096];

		snprintf(path, sizeof(path), "%.*s", (int)(blank - p), p);
		p = nl + 1;
		hash(p, n);
		if (constants && strcmp(path + strlen(path) - 4, ".ps1") == 0)
			hash_constant(p, n);
		if (!is_same(path, p, n, &old, &cap))
			write_file(path, p, n);
		p += n;
	}
	return p + 1;
}

int main(int argc, char **argv)
{
	const char *p, *end;
	struct stat st;
	int fd, constants;

	if (argc > 2 && strcmp(argv[1], "pack") == 0)
		return pack(argv + 2);
	if (argc < 4 || strcmp(argv[1], "build") != 0)
		return 2;
	fd = open(argv[2], O_RDONLY);
	if (fd < 0 || fstat(fd, &st) != 0)
		return 1;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		return 1;
	end = p + st.st_size;
	constants = memmem(p, (size_t)st.st_size, "\"constant_sha256\"", 17) != NULL;
	for (int i = 3; i < argc; i++) {
		read_spec(argv[i]);
		p = build_one(p, end, constants);
	}
	return 0;
}
