/* labc list: the catalogues, as a table for people or as JSON. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "cli/commands.h"
#include "model/catalogue.h"
#include "rules/registry.h"

/* A table is described by its columns; rows are JSON objects, so that both outputs show the same. */
struct listing {
	const char *name;
	const char *columns; /* keys, in order, blank-separated */
	void (*fill)(json_t *rows);
};

static json_t *text_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

/* 0 stands for a limit that is not known. */
static json_t *known(uint32_t limit)
{
	return limit ? json_integer(limit) : json_null();
}

/* Where a row comes from, and when that was read. */
static void sourced(json_t *row, const char *source, const char *date)
{
	json_object_set_new(row, "source", text_or_null(source));
	json_object_set_new(row, "date", json_string(date));
}

static void fill_sizes(json_t *rows)
{
	for (size_t i = 0; i < lab_sizes_count; i++) {
		const struct lab_size *z = &lab_sizes[i];
		json_t *r = json_object();

		json_object_set_new(r, "name", text_or_null(z->portal));
		json_object_set_new(r, "nested", json_boolean(z->nested));
		json_object_set_new(r, "vcpus", json_integer(z->vcpus));
		json_object_set_new(r, "memoryGiB", json_real(z->memory_mib / 1024.0));
		json_object_set_new(r, "target", json_string("lab-services"));
		json_object_set_new(r, "sku", text_or_null(z->sku));
		json_object_set_new(r, "vmSize", text_or_null(z->azure));
		json_object_set_new(r, "diskGiB", json_integer(z->disk_gib));
		sourced(r, z->source, z->date);
		json_array_append_new(rows, r);
	}
	for (size_t i = 0; i < azure_sizes_count; i++) {
		const struct azure_size *z = &azure_sizes[i];
		json_t *r = json_object();

		json_object_set_new(r, "name", json_string(z->name));
		json_object_set_new(r, "nested", json_boolean((z->series->flags & AZ_NESTED) != 0));
		json_object_set_new(r, "vcpus", json_integer(z->vcpus));
		json_object_set_new(r, "memoryGiB", json_real(z->memory_mib / 1024.0));
		json_object_set_new(r, "target", json_string("azure-vm"));
		json_object_set_new(r, "retires", text_or_null(z->series->retires));
		json_object_set_new(r, "series", json_string(z->series->name));
		json_object_set_new(r, "processor", json_string(z->series->processor));
		json_object_set_new(r, "trustedLaunch", json_boolean((z->series->flags & AZ_TRUSTED_LAUNCH) != 0));
		sourced(r, z->series->source, CATALOGUE_DATE);
		json_array_append_new(rows, r);
	}
}

static void fill_os(json_t *rows)
{
	for (size_t i = 0; i < OS_COUNT; i++) {
		const struct os_info *o = &os_table[i];
		json_t *r = json_object();

		json_object_set_new(r, "id", json_string(o->id));
		json_object_set_new(r, "name", json_string(o->name));
		json_object_set_new(r, "family", json_string(os_family_name(o->family)));
		json_object_set_new(r, "memoryMiB", json_integer(o->memory_mib));
		json_object_set_new(r, "diskGiB", json_integer(o->disk_gib));
		json_object_set_new(r, "generation", json_integer(o->generation));
		json_object_set_new(r, "minMemoryMiB", known(o->min_memory_mib));
		json_object_set_new(r, "minDiskGiB", known(o->min_disk_gib));
		json_object_set_new(r, "minVcpus", known(o->min_vcpus));
		json_object_set_new(r, "maxVcpus", known(o->max_vcpus));
		sourced(r, o->source, CATALOGUE_DATE);
		json_array_append_new(rows, r);
	}
}

static void fill_targets(json_t *rows)
{
	for (size_t i = 0; i < TARGET_COUNT; i++) {
		json_t *r = json_object();

		json_object_set_new(r, "id", json_string(target_table[i].id));
		json_object_set_new(r, "name", json_string(target_table[i].name));
		json_object_set_new(r, "retires", text_or_null(target_table[i].retires));
		json_object_set_new(r, "about", json_string(target_table[i].about));
		sourced(r, target_table[i].source, CATALOGUE_DATE);
		json_array_append_new(rows, r);
	}
}

static void fill_rules(json_t *rows)
{
	for (size_t i = 0; i < registry_count(); i++) {
		const struct diag_info *info = registry_row(i);
		json_t *r = json_object();

		json_object_set_new(r, "code", json_string(info->code));
		json_object_set_new(r, "severity", json_string(severity_name(info->severity)));
		json_object_set_new(r, "name", json_string(info->name));
		json_object_set_new(r, "summary", json_string(info->summary));
		json_object_set_new(r, "why", text_or_null(info->why));
		json_object_set_new(r, "source", text_or_null(info->source));
		json_array_append_new(rows, r);
	}
}

static const struct listing listings[] = {
	{ "sizes", "name nested vcpus memoryGiB target sku vmSize retires", fill_sizes },
	{ "os", "id name family memoryMiB diskGiB generation minMemoryMiB maxVcpus", fill_os },
	{ "rules", "code severity name summary", fill_rules },
	{ "targets", "id name retires about", fill_targets },
};

static struct sv cell(const json_t *row, struct sv column, struct buf *b)
{
	const json_t *v = json_object_getn(row, column.p, column.n);

	b->n = 0;
	if (json_is_string(v))
		buf_str(b, json_string_value(v));
	else if (json_is_integer(v))
		buf_i64(b, json_integer_value(v));
	else if (json_is_real(v))
		buf_fmt(b, "%.4g", json_real_value(v));
	else if (json_is_boolean(v))
		buf_str(b, json_is_true(v) ? "yes" : "no");
	else
		buf_ch(b, '-');
	return buf_view(b);
}

static bool next_word(struct sv *rest, struct sv *word)
{
	ptrdiff_t blank = sv_find(*rest, ' ');

	if (rest->n == 0)
		return false;
	*word = blank < 0 ? *rest : sv_sub(*rest, 0, (size_t)blank);
	*rest = blank < 0 ? SV("") : sv_sub(*rest, (size_t)blank + 1, rest->n);
	return true;
}

static void put_table(struct buf *out, const struct listing *l, const json_t *rows)
{
	size_t width[16] = { 0 }, c, i;
	struct buf b = { 0 };
	struct sv rest, column;
	json_t *row;

	for (c = 0, rest = sv_from(l->columns); next_word(&rest, &column); c++) {
		width[c] = column.n;
		json_array_foreach(rows, i, row) {
			size_t n = cell(row, column, &b).n;

			if (n > width[c])
				width[c] = n;
		}
	}
	for (c = 0, rest = sv_from(l->columns); next_word(&rest, &column); c++)
		buf_fmt(out, "%s%-*.*s", c ? "  " : "", rest.n ? (int)width[c] : 0, (int)column.n, column.p);
	buf_ch(out, '\n');
	json_array_foreach(rows, i, row) {
		for (c = 0, rest = sv_from(l->columns); next_word(&rest, &column); c++) {
			struct sv text = cell(row, column, &b);

			buf_fmt(out, "%s%-*.*s", c ? "  " : "", rest.n ? (int)width[c] : 0, (int)text.n, text.p);
		}
		buf_ch(out, '\n');
	}
	buf_release(&b);
}

static bool put_json(struct buf *out, const json_t *rows)
{
	char *text = json_dumps(rows, JSON_INDENT(2));

	if (!text)
		bug_no_memory();
	buf_str(out, text);
	buf_ch(out, '\n');
	free(text);
	return true;
}

enum exit_code cmd_list(const struct opts *o)
{
	const char *format = o->list_format ? o->list_format : "text";
	struct buf out = { 0 };
	bool ok;

	if (o->args.n != 1 || (strcmp(format, "text") != 0 && strcmp(format, "json") != 0)) {
		fputs("labc list: wants one of sizes, os, rules, targets, and --format text or json\n", stderr);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < COUNTOF(listings); i++) {
		json_t *rows;

		if (strcmp(listings[i].name, o->args.v[0]) != 0)
			continue;
		rows = json_array();
		listings[i].fill(rows);
		if (strcmp(format, "json") == 0)
			put_json(&out, rows);
		else
			put_table(&out, &listings[i], rows);
		if (strcmp(format, "text") == 0 && listings[i].fill != fill_rules)
			buf_str(&out, "\nSources read on " CATALOGUE_DATE " unless a row says otherwise; --format json names them.\n");
		json_decref(rows);
		ok = cli_flush(STDOUT_FILENO, &out);
		buf_release(&out);
		return ok ? EXIT_CLEAN : EXIT_SYSTEM;
	}
	fprintf(stderr, "labc list: there is no list '%s'; there are sizes, os, rules and targets\n", o->args.v[0]);
	return EXIT_USAGE;
}
