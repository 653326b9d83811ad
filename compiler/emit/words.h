/* The words that cmdlets and Azure use where the language has its own, and texts shared by the outputs. */
#ifndef LABC_EMIT_WORDS_H
#define LABC_EMIT_WORDS_H

#include "schema/spec.h"
#include "model/catalogue.h"

/* By enum; NULL where there is no word. */
extern const char *const cmdlet_disk_format[], *const cmdlet_disk_type[], *const cmdlet_stop[], *const cmdlet_start[],
	*const cmdlet_checkpoint[], *const cmdlet_boot_template[], *const cmdlet_protocol[], *const azure_weekday[];

/* "PT15M", "PT2H", "PT90S", in the arena. */
struct sv iso_duration(struct arena *a, int64_t seconds);
/* "2027-06-28"; empty when there is no date. */
struct sv iso_date(struct arena *a, struct v_date d);
/* "09:00". */
struct sv clock_text(struct arena *a, struct v_time t);

#endif
