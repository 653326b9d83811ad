#include "emit/limits.h"

#include "model/azure.h"
#include "rules/registry.h"

static bool report(const struct lab *lab, struct sv path, const char *what, size_t is, size_t most)
{
	struct diag *d = diag_at(
	    lab->diags, registry_find(SV("LAB0838")), spec_where(lab->spec, lab->spec->lab.name.m, lab->m),
	    SV_FMT " would have %s of %zu characters, and Azure takes %zu", SV_ARG(path), what, is, most);

	diag_help(lab->diags, d,
		  "split the class into several specs: the script of every host stands in the template");
	return false;
}

/* Index behind the string that begins at the quotation mark `i`. */
static size_t string_end(struct sv text, size_t i)
{
	for (i++; i < text.n && text.p[i] != '"'; i++)
		if (text.p[i] == '\\')
			i++;
	return i + 1;
}

bool limits_hold(const struct lab *lab, struct sv path, struct sv text)
{
	if (text.n > AZURE_MAX_TEMPLATE)
		return report(lab, path, "a text", text.n, AZURE_MAX_TEMPLATE);
	for (size_t i = 0; i < text.n; i++) {
		size_t end;

		if (text.p[i] != '"')
			continue;
		end = string_end(text, i);
		/* "[...]" and not "[[...": an expression */
		if (end - i > AZURE_MAX_EXPRESSION + 2 && text.p[i + 1] == '[' && text.p[i + 2] != '[' &&
		    text.p[end - 2] == ']')
			return report(lab, path, "an expression", end - i - 2, AZURE_MAX_EXPRESSION);
		i = end - 1;
	}
	return true;
}
