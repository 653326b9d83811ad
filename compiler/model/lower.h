/* What the files of the lowering share: its state, the findings it makes, and the order of its steps. */
#ifndef LABC_MODEL_LOWER_H
#define LABC_MODEL_LOWER_H

#include "base/vec.h"
#include "model/lab.h"

/* Guests (of weight 4), adapters, disks and ports after `count` and seats: beyond this a spec is refused,
 * not expanded. */
#define LOWER_MAX_ITEMS 2000000u
/* Waits of `start_after` after `count` and seats. */
#define LOWER_MAX_WAITS 4000000u
/* Connections with those of all seats. */
#define LOWER_MAX_CONNECTIONS 200000u

enum model_code {
	MODEL_UNKNOWN_SIZE,
	MODEL_SIZE_FORM,
	MODEL_TOO_MANY_COPIES,
	MODEL_UNKNOWN_IMAGE,
	MODEL_START_AFTER,
	MODEL_START_CYCLE,
	MODEL_COPY_NAME,
	MODEL_UNKNOWN_NETWORK,
	MODEL_NO_FREE_ADDRESS,
	MODEL_NO_FREE_PORT,
	MODEL_PORT_OF_COPY,
	MODEL_SEAT_ADDRESS,
	MODEL_SEAT_PORT,
	MODEL_CONNECTION_TO,
	MODEL_CONNECTION_TO_HOST,
	MODEL_CONNECTION_FROM,
	MODEL_CONNECTION_OUTSIDE,
	MODEL_CONNECTION_SERVICE,
	MODEL_CODES
};

struct lowering {
	struct lab *l;
	struct spec *s;
	struct arena *a;
	struct diags *d;
	uint64_t waits;   /* of start_after so far */
	uint32_t connections; /* with those of all seats */
	VEC(struct lab_connection) made;
	uint32_t guesses; /* names that may still be compared to find what was meant */
	const struct lab_host *seat_ports_told; /* the host whose further seats' ports were reported */
	bool failed;
};

/* Comparisons of one lowering: a spec with thousands of unknown names gets suggestions for the first ones. */
#define LOWER_GUESSES 100000u

/* The nearest of several names. */
struct lower_near {
	struct sv want, best;
	unsigned distance;
};

/* A finding at a value of the spec; never NULL. */
struct diag *lower_report(struct lowering *lw, enum model_code code, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* "did you mean 'x'?" as help and edit; nothing when `near` is empty. */
void lower_suggest(struct lowering *lw, struct diag *g, struct span at, struct sv near);

/* Offers one more name. */
void lower_offer(struct lowering *lw, struct lower_near *n, struct sv name);

static inline struct meta lower_filled(enum meta_origin origin)
{
	return (struct meta){ .state = META_OK, .origin = (uint8_t)origin };
}
/* Whether what is missing in this section may be there, and lost to a finding that was reported already. */
bool lower_may_be_lost(const struct lowering *lw, struct meta section);
/* Gives a value to what is absent; a poisoned or written one stays. */
#define FILL(field, value, org)                        \
	do {                                           \
		if ((field).m.state == META_ABSENT) {  \
			(field).v = (value);           \
			(field).m = lower_filled(org); \
		}                                      \
	} while (0)

/* The steps, in their order. */
void lower_host(struct lowering *lw, struct lab_host *h,
		const struct spec_host *sh);                  /* size, fields, networks */
void lower_guests(struct lowering *lw, struct lab_host *h);   /* guests, disks, images */
void lower_nics(struct lowering *lw, struct lab_host *h);     /* NICs, addresses */
void lower_mappings(struct lowering *lw, struct lab_host *h); /* mappings, ports */
void lower_start_order(struct lowering *lw, struct lab_host *h);
void lower_connections(struct lowering *lw);
/* Users, passwords and MAC addresses that nobody wrote; after the connections, which name users. */
void lower_accounts(struct lowering *lw);
void lower_groups(struct lowering *lw);

/* After the mappings: what further seats on one server do not get. */
void lower_check_seats(struct lowering *lw, struct lab_host *h);

/* A host's seats: written, the students, the users, else 1. */
struct v_int lower_seat_count(const struct lab *l, const struct spec_host *sh);
/* Copies of the guests that one server holds: its seats on hyper-v, else 1. */
uint32_t lower_seats_inside(const struct lab_host *h);
/* From one seat to the next. */
uint32_t lower_address_step(const struct lowering *lw);
uint32_t lower_port_step(const struct lowering *lw);
/* "seat 15 of 20 WHERE: WHY" at the seats; never NULL. */
struct diag *lower_report_seat(struct lowering *lw, enum model_code code, const struct lab_guest *g,
			       struct sv where, struct sv why);
/* The same about a mapping, once a host. */
void lower_report_seat_port(struct lowering *lw, const struct lab_mapping *m, struct sv why);

/* The network of that name as seen from a seat, or NULL. */
struct lab_network *lower_find_network(const struct lab_host *h, struct sv name, uint32_t seat);

#endif
