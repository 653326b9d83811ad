/* LAB04xx: the order in which guests start. */
#include "rules/examples.h"
#include "rules/rule.h"

static int64_t delay_of(const struct lab_guest *g)
{
	return is_ok(g->start_delay.m) && !g->start_delay.off ? g->start_delay.v : 0;
}

static void check_delays(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g)
			for (uint32_t i = 0; i < g->n_start_after; i++) {
				const struct lab_guest *first = g->start_after[i];
				struct diag *d;

				if (meta_poisoned(g->start_delay.m) || delay_of(first) <= delay_of(g))
					continue;
				d = rule_at(cx, g->spec->start_after.m, g->m,
					    "'" SV_FMT "' is to start after '" SV_FMT "', but the host starts it %lld s earlier",
					    SV_ARG(g->base), SV_ARG(first->base), (long long)(delay_of(first) - delay_of(g)));
				rule_label(cx, d, first->start_delay.m, "'" SV_FMT "' starts %lld s after the host",
					   SV_ARG(first->base), (long long)delay_of(first));
				rule_help(cx, d,
					  "when the host starts, Hyper-V knows the delays only: give '" SV_FMT
					  "' a `start_delay` of more than %lld s",
					  SV_ARG(g->base), (long long)delay_of(first));
				break;
			}
}

static const struct rule rows[] = {
	{ { "LAB0443", SEV_NOTE, "start-order", "a start delay that contradicts start_after",
	    "The script starts guests in the order of start_after; after a restart of the host only the delays count.",
	    "https://learn.microsoft.com/powershell/module/hyper-v/set-vm",
	    EX_HOST EX_DEBIAN "    start_delay: 2m\n" EX_SECOND "    start_after: [server]\n",
	    EX_HOST EX_DEBIAN "    start_delay: 2m\n" EX_SECOND "    start_after: [server]\n    start_delay: 3m\n" },
	  check_delays },
};

const struct rule_table start_rules = { rows, COUNTOF(rows) };
