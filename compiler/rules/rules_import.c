/* LAB086x: what `labc import` finds in the file of a machine. No check of a spec ever does. */
#include "rules/rule.h"

#define IMPORT "SPEC.md#import"

static void check_nothing(struct rule_ctx *cx, const struct lab *lab)
{
	(void)cx;
	(void)lab;
}

static const struct rule rows[] = {
	{ { "LAB0860", SEV_ERROR, "import-file", "a file that collect.ps1 did not write, or that was changed since",
	    "Values that are not what they seem would describe another machine.", IMPORT, NULL, NULL },
	  check_nothing },
	{ { "LAB0861", SEV_NOTE, "import-left-out", "something on the machine that a spec cannot say",
	    "It stays as it is on the machine; a new machine made from the spec does not have it.", IMPORT, NULL, NULL },
	  check_nothing },
	{ { "LAB0862", SEV_NOTE, "import-renamed", "a name on the machine that labc does not take",
	    "Until the guest has the name of the spec, setup.ps1 does not know it and makes another one.", IMPORT, NULL, NULL },
	  check_nothing },
};

const struct rule_table import_rules = { rows, COUNTOF(rows) };
