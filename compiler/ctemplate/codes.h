/* The findings of the engine, one row each in codes.c. */
#ifndef LABC_CTEMPLATE_CODES_H
#define LABC_CTEMPLATE_CODES_H

#include "diag/diag.h"

enum ct_code_id {
	T101,
	T102,
	T103,
	T104,
	T105,
	T106,
	T107,
	T108,
	T109,
	T110,
	T111,
	T112,
	T113,
	T201,
	T202,
	T203,
	T204,
	T205,
	T206,
	T207,
	T208,
	T209,
	T210,
	T211,
	T212,
	T213,
	T301,
	T302,
	T303,
	T304,
	T305,
	T306,
	T307,
	T308,
	T309,
	T310,
	T311,
	T312,
	T313,
	T314,
	T315,
	T316,
	T401,
	T402,
	T403,
	T404,
	T405,
	T406,
	T407,
	T408,
	T409,
	T410,
	T411,
	T412,
	T413,
	T414,
	T501,
	T502,
	T503,
	T504,
	CT_CODE_COUNT
};

#define CT_CODE(id) (&ct_codes[id])
extern const struct diag_info ct_codes[];

#endif
