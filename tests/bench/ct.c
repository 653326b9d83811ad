/* The template engine by itself, on a template of 1,000 machines with branches and nested loops (162,330 bytes).
 *   ct time            compile and render, CPU time, best of many; allocations and peak memory of one rendering
 *   ct growth          render 1,000 to 64,000 machines: time and the slope of its logarithm
 *   ct run ITEMS N     render N times and nothing else, for instruction counts
 * Linked with malloc, calloc and realloc wrapped, to count. */
#include <malloc.h>
#include <math.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctemplate/ctemplate.h"

static const char text[] =
	"{% for vm in vms %}\n"
	"New-VM -Name '{{ vm.name }}' -MemoryStartupBytes {{ vm.ram }}MB -SwitchName '{{ sw }}'\n"
	"{% if vm.on %}\nStart-VM -Name '{{ vm.name }}'\n{% else %}\n# {{ vm.name }} stays off\n{% endif %}\n"
	"{% for d in vm.disks %}\nNew-VHD -Path 'D:\\{{ vm.name }}-{{ d.id }}.vhdx' -SizeBytes {{ d.gb }}GB\n{% endfor %}\n"
	"{% endfor %}\n";
static const char sum[] = "17af94c790c6084f7d122df5e47b9ae9e202e24542e78eb2fdabead38797e130";

/* --- counting --- */

static unsigned long n_mallocs;
static size_t live, peak;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

static void *count(void *p)
{
	n_mallocs++;
	live += malloc_usable_size(p);
	peak = live > peak ? live : peak;
	return p;
}
void *__wrap_malloc(size_t n) { return count(__real_malloc(n)); }
void *__wrap_calloc(size_t n, size_t size) { return count(__real_calloc(n, size)); }
void *__wrap_realloc(void *p, size_t n)
{
	live -= p ? malloc_usable_size(p) : 0;
	return count(__real_realloc(p, n));
}
void __wrap_free(void *p)
{
	live -= p ? malloc_usable_size(p) : 0;
	__real_free(p);
}

/* --- the data --- */

struct bench {
	struct arena perm, scratch;
	struct sources sources;
	struct diags diags;
	struct ct_env *env;
	struct ct_value context;
	struct buf out;
};

static struct ct_value machines(struct arena *a, unsigned n)
{
	struct ct_value d = ct_dict_new(a, 2), vms = ct_list_new(a, n);

	for (unsigned i = 0; i < n; i++) {
		struct ct_value vm = ct_dict_new(a, 4), disks = ct_list_new(a, i % 4);

		for (unsigned k = 0; k < i % 4; k++) {
			struct ct_value disk = ct_dict_new(a, 2);

			ct_dict_set(a, &disk, SV("id"), ct_int(k));
			ct_dict_set(a, &disk, SV("gb"), ct_int(20 + k));
			ct_list_add(a, &disks, disk);
		}
		ct_dict_set(a, &vm, SV("name"), ct_text(sv_fmt(a, "vm%03u", i)));
		ct_dict_set(a, &vm, SV("ram"), ct_int(1024 * (i % 8 + 1)));
		ct_dict_set(a, &vm, SV("on"), ct_bool(i % 3 != 0));
		ct_dict_set(a, &vm, SV("disks"), disks);
		ct_list_add(a, &vms, vm);
	}
	ct_dict_set(a, &d, SV("sw"), ct_text(SV("LabNAT")));
	ct_dict_set(a, &d, SV("vms"), vms);
	return d;
}

static void begin(struct bench *b, unsigned n, enum ct_lang_id lang)
{
	struct ct_options o = { lang, true, true, false };
	struct ct_limits l = ct_default_limits;

	memset(b, 0, sizeof(*b));
	l.fuel = 1u << 30;
	arena_init(&b->perm, 0);
	arena_init(&b->scratch, 0);
	sources_init(&b->sources, &b->perm);
	diags_init(&b->diags, &b->perm, &b->sources);
	b->env = ct_env_new(&b->perm, &b->diags, &l);
	ct_env_options(b->env, &o);
	b->context = machines(&b->perm, n);
}

static void render(struct bench *b, const struct ct_template *t)
{
	struct arena_mark m = arena_mark(&b->scratch);

	b->out.n = 0;
	if (!t || !ct_render(b->env, t, b->context, &b->scratch, ct_out_buf, &b->out)) {
		fputs("the rendering failed\n", stderr);
		exit(1);
	}
	arena_rewind(&b->scratch, m);
}

static void end(struct bench *b)
{
	buf_release(&b->out);
	arena_release(&b->scratch);
	arena_release(&b->perm);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* what others do on the machine does not count */
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* --- what is measured --- */

static double best_compile(void)
{
	double best = 1e12;

	for (int round = 0; round < 500; round++) {
		struct bench b;
		double t;

		begin(&b, 0, CT_LANG_TEXT);
		t = now();
		if (!ct_compile(b.env, SV("bench"), sv_from(text)))
			exit(1);
		t = now() - t;
		best = t < best ? t : best;
		end(&b);
	}
	return best;
}

static double best_render(struct bench *b, const struct ct_template *t, int rounds)
{
	double best = 1e12, from;

	for (int i = 0; i < rounds; i++) {
		from = now();
		render(b, t);
		from = now() - from;
		best = from < best ? from : best;
	}
	return best;
}

static int time_all(void)
{
	const struct ct_template *t;
	char got[SHA256_DIGEST_STRING_LENGTH];
	unsigned long mallocs;
	struct bench b;
	double compile = best_compile(), rendering;
	size_t before;

	begin(&b, 1000, CT_LANG_TEXT);
	t = ct_compile(b.env, SV("bench"), sv_from(text));
	mallocs = n_mallocs;
	before = peak = live;
	render(&b, t);
	mallocs = n_mallocs - mallocs;
	before = peak - before;
	SHA256Data((const uint8_t *)b.out.p, b.out.n, got);
	if (strcmp(got, sum) != 0) {
		fprintf(stderr, "the output has the sum %s, not %s\n", got, sum);
		return 1;
	}
	rendering = best_render(&b, t, 200);
	printf("%.2f %.1f %lu %zu %zu\n", compile, rendering, mallocs, before, b.out.n);
	end(&b);
	return 0;
}

static int growth(void)
{
	double sx = 0, sy = 0, sxx = 0, sxy = 0;
	int k = 0;

	for (unsigned n = 1000; n <= 64000; n *= 2, k++) {
		const struct ct_template *t;
		struct bench b;
		double us, x, y;

		begin(&b, n, CT_LANG_TEXT);
		t = ct_compile(b.env, SV("bench"), sv_from(text));
		us = best_render(&b, t, n < 10000 ? 60 : 20);
		x = log((double)n), y = log(us);
		sx += x, sy += y, sxx += x * x, sxy += x * y;
		printf("  %6u machines %9.3f ms  %6.1f MB/s\n", n, us / 1e3, (double)b.out.n / us);
		end(&b);
	}
	printf("slope %.3f\n", (k * sxy - sx * sy) / (k * sxx - sx * sx));
	return 0;
}

int main(int argc, char **argv)
{
	const struct ct_template *t;
	struct bench b;

	if (argc == 2 && strcmp(argv[1], "time") == 0)
		return time_all();
	if (argc == 2 && strcmp(argv[1], "growth") == 0)
		return growth();
	if (argc != 4 || strcmp(argv[1], "run") != 0)
		return 2;
	begin(&b, (unsigned)atoi(argv[2]), CT_LANG_TEXT);
	t = ct_compile(b.env, SV("bench"), sv_from(text));
	for (int i = 0; i < atoi(argv[3]); i++)
		render(&b, t);
	end(&b);
	return 0;
}
