/* LAB09xx: running a class. */
#include "rules/examples.h"
#include "rules/rule.h"

#define CONCEPT                                           \
	"https://learn.microsoft.com/azure/lab-services/" \
	"concept-nested-virtualization-template-vm#connect-to-a-nested-vm-in-another-lab-vm"

/* Whether a command line calls ping as a word of its own. */
static bool calls_ping(struct sv s)
{
	static const char *const words[] = { "ping", "ping.exe", "ping6", "fping", "tracert", "traceroute" };
	size_t i = 0;

	while (i < s.n) {
		size_t from = i;

		while (i < s.n && s.p[i] != ' ' && s.p[i] != '|' && s.p[i] != ';' && s.p[i] != '&')
			i++;
		for (size_t k = 0; k < COUNTOF(words); k++)
			if (sv_eq_nocase(sv_sub(s, from, i - from), sv_from(words[k])))
				return true;
		i++;
	}
	return false;
}

static void check_ping(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g)
			for (uint32_t i = 0; i < g->spec->tests.n; i++) {
				const struct spec_test *t = &g->spec->tests.v[i];

				if (is_ok(t->command.m) && calls_ping(t->command.v))
					rule_help(cx,
						  rule_at(cx, t->command.m, t->h.m,
							  "ping does not work to or from nested guests"),
						  "test a port instead: `tcp: 22`");
			}
}

static const struct rule rows[] = {
	{ { "LAB0902", SEV_WARNING, "ping-test", "a test that uses ping",
	    "Ping to and from a nested guest fails even when everything works.", CONCEPT,
	    EX_HOST EX_DEBIAN "    tests: [{ command: ping -c 3 192.168.0.1 }]\n",
	    EX_HOST EX_DEBIAN "    tests: [{ tcp: 22 }]\n" },
	  check_ping },
};

const struct rule_table operation_rules = { rows, COUNTOF(rows) };
